"""The items in which a text stands, for the lists of items, the feed and the search of the inbox.

Messages and comments are found by folded texts in blocks (`sync.core.folded_texts`): a block whose joined words do not
hold the text, and none of whose names or titles does, is passed over by one look. A name or title that occurs again is
not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sync.core.account.conversations import ConversationState, words_under
from sync.core.account.inbox_rows import words_of_notice
from sync.core.account.order import Key
from sync.core.account.view import View, title_of, work_title
from sync.core.folded_texts import Block, FoldedTexts
from sync.core.lists.needle import make_needle
from sync.core.pace import Pace
from sync.protocol.items import Collection, Comment, Content, Message, Notification

BATCH: Final = 512
NEAR: Final = 2_048
"""So many are looked at one by one: most pages end there. Only then all are searched."""
MANY: Final = 2_000
"""Up to so many that are found are put in order; more are met on the way through all."""
_IN_BLOCKS: Final[frozenset[Collection]] = frozenset({"messages", "comments"})


class _Beside(NamedTuple):
    """Holds what else the items of a block may be found by, each once: names of people and titles that comments
    brought, and the ids of works.
    """

    names: Sequence[str | None]
    works: Sequence[str | None]


class FoundItems:
    """Tells which items of a view hold the text `q`, whatever the case, the width and the composition of characters.

    `states`: the conversations that are looked through, all of the view by default.
    """

    def __init__(self, view: View, q: str, pace: Pace, states: Iterable[ConversationState] | None = None) -> None:
        self._view = view
        self._needle = make_needle(q)
        self._pace = pace
        self._states = view.conversation_states.values() if states is None else states
        self._names = _Once(self._is_in)
        self._works = _Once(lambda work: self._is_in(title_of(view, work, None)))
        self._asked = 0
        self._found: dict[Collection, dict[str, Key]] = {}
        self._tellers: Mapping[Collection, Callable[[Any], bool]] = {
            "messages": self._is_in_message,
            "comments": self._is_in_comment,
            "contents": self._is_in_work,
            "notifications": self._is_in_notice,
        }

    def teller(self, collection: Collection) -> Callable[[Any], bool]:
        """Return what tells whether the text stands in an item of `collection`, or in a name or title beside it."""
        holds = self._tellers[collection]
        return holds if collection not in _IN_BLOCKS else lambda item: self._is_among_many(collection, item)

    def among(self, collection: Collection, keys: Iterable[Key]) -> Iterator[Key]:
        """Yield those of `keys`, which are in order, whose item of `collection` holds the text, in its words or in a
        name or title beside it. Where `keys` are not the whole list, others of it may come, too.
        """
        get, holds, rest, looked = self._view.entries(collection).__getitem__, self._tellers[collection], iter(keys), 0
        while batch := list(islice(rest, BATCH)):
            self._pace.look(len(batch))
            yield from (key for key in batch if holds(get(key[-1]).item))
            looked += len(batch)
            if collection in _IN_BLOCKS and looked >= NEAR:
                yield from self._after(collection, batch[-1], rest)
                return

    def _after(self, collection: Collection, last: Key, keys: Iterator[Key]) -> Iterable[Key]:
        found = self.all_of(collection)
        if len(found) <= MANY:
            return sorted(key for key in found.values() if key > last)
        return (key for key in self._pace.over(keys) if key[-1] in found)

    def all_of(self, collection: Collection) -> Mapping[str, Key]:
        """Return the keys, by id, of all messages or comments that are found: comments in the order of their list."""
        found = self._found.get(collection)
        if found is None:
            texts = [state.texts for state in self._states] if collection == "messages" else [self._view.comment_texts]
            found = self._found[collection] = {key[-1]: key for key in self._in_blocks(collection, texts)}
        return found

    def _in_blocks(self, collection: Collection, several: Iterable[FoldedTexts]) -> Iterator[Key]:
        get, holds, folded = self._view.entries(collection).__getitem__, self._tellers[collection], self._needle.folded
        read = self._read_senders if collection == "messages" else self._read_authors
        for texts in several:
            for block in texts.blocks:
                self._pace.look(len(block.keys))
                if not folded or self._is_beside(block, read):
                    yield from (key for key in block.keys if holds(get(key[-1]).item))
                else:
                    yield from block.find_all(folded)

    def _is_beside(self, block: Block, read: Callable[[tuple[Key, ...]], _Beside]) -> bool:
        """Return whether a name or title holds the text that stands beside an item of the block."""
        beside = block.beside(read)
        return self._names.hold_any(beside.names) or self._works.hold_any(beside.works)

    def _read_senders(self, keys: tuple[Key, ...]) -> _Beside:
        messages = self._view.messages
        return _Beside(tuple({messages[key[-1]].item.sender_name for key in keys}), ())

    def _read_authors(self, keys: tuple[Key, ...]) -> _Beside:
        comments = [self._view.comments[key[-1]].item for key in keys]
        names = {comment.author_name for comment in comments} | {comment.content_title for comment in comments}
        return _Beside(tuple(names), tuple({comment.content_id for comment in comments}))

    def _is_among_many(self, collection: Collection, item: Any) -> bool:
        """Tell of the first items by themselves, and search all for the others."""
        self._asked += 1
        return item.id in self.all_of(collection) if self._asked > NEAR else self._tellers[collection](item)

    def _is_in(self, text: str | None) -> bool:
        return text is not None and self._needle.is_in(text)

    def _is_in_message(self, message: Message) -> bool:
        words = words_under(message, self._view.mark("messages", message.id))
        return self._is_in(words) or self._names.hold(message.sender_name)

    def _is_in_comment(self, comment: Comment) -> bool:
        if self._is_in(comment.content) or self._names.hold(comment.author_name):
            return True
        return self._names.hold(work_title(self._view, comment))

    def _is_in_work(self, work: Content) -> bool:
        return self._needle.is_in_any(work.title, work.description)

    def _is_in_notice(self, notice: Notification) -> bool:
        return self._needle.is_in_any(*words_of_notice(self._view, notice), notice.trigger_name)


class _Once:
    """Tells of names or works whether the text stands in them: each is asked about once. `holds` tells of one."""

    def __init__(self, holds: Callable[[str | None], bool]) -> None:
        self._holds = holds
        self._seen: set[str | None] = set()
        self._holding: set[str | None] = set()

    def hold(self, one: str | None) -> bool:
        """Return whether the text stands in this one."""
        return one in self._holding if one in self._seen else self.hold_any((one,))

    def hold_any(self, several: Sequence[str | None]) -> bool:
        """Return whether the text stands in one of these."""
        if new := set(several) - self._seen:
            self._seen |= new
            self._holding.update(filter(self._holds, new))
        return bool(self._holding) and not self._holding.isdisjoint(several)
