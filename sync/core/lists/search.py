"""Search: the rows in which a text stands, each with the newest of its items that hold it.

Messages are found by the folded texts of their conversation, comments and notices by one look at each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final
from weakref import ref

from sync.core.account.comment_threads import CommentThread, root_of
from sync.core.account.conversations import ConversationState
from sync.core.account.history import item_key
from sync.core.account.inbox_rows import RowKind, SearchHit, conversation_partner, words_of_notice
from sync.core.account.notice_groups import group_of
from sync.core.account.order import Key
from sync.core.account.reply_judge import is_inbound
from sync.core.account.view import View
from sync.core.lists.needle import Needle, make_needle
from sync.core.pace import Check, Pace, go_on
from sync.protocol.items import Comment

Rows = Mapping[str, SearchHit]
"""By id of the row. A hit without a text: the row's name or title holds it."""

SEARCHES: Final = 512
"""So many are remembered, each of one kind of row in one account: one search asks all accounts, and not once."""

ROW_ITSELF: Final = SearchHit(None, None, None)


class _Same:
    """A view as the key of a cache: compared by what it is, which is cheap, and not held for the cache's sake. `pace`:
    of the search that is asked for, whichever that is."""

    def __init__(self, view: View, pace: Pace) -> None:
        self._view = ref(view)
        self._hash = id(view)
        self.pace = pace

    @property
    def view(self) -> View | None:
        return self._view()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.view is not None and self.view is other.view

    def __hash__(self) -> int:
        return self._hash


def find_rows(view: View, kind: RowKind, q: str, check: Check = go_on) -> Rows:
    """Return the rows of `kind` in which `q` stands, by their ids. `check`: see `Pace`.

    In conversations: names, notes on the person, messages that are not deleted or recalled. In comments: authors,
    texts, the work's title. In notices: names, titles, texts.
    """
    return _find_once(_Same(view, Pace(check)), kind, q)


@lru_cache(maxsize=SEARCHES)
def _find_once(of: _Same, kind: RowKind, q: str) -> Rows:
    """Return the rows, found once for the list, its counts and its next pages. A search that was ended is not kept."""
    view, needle = of.view, make_needle(q)
    assert view is not None
    if not view.is_resident:
        return _find_out_of_memory(of, q)[kind]
    return _FIND[kind](view, needle, of.pace)


@lru_cache(maxsize=SEARCHES)
def _find_out_of_memory(of: _Same, q: str) -> Mapping[RowKind, Rows]:
    """Return the rows of all kinds: the body is read once for them, and kept only if one of them is shown."""
    head, needle = of.view, make_needle(q)
    assert head is not None
    view = head.peek()
    return {kind: find(view, needle, of.pace) for kind, find in _FIND.items()}


def _find_conversations(view: View, needle: Needle, pace: Pace) -> Rows:
    found: dict[str, SearchHit] = {}
    for state in view.conversation_states.values():
        pace.look(1)
        hit = None if state.hidden else _in_messages(view, state, needle, pace) or _by_person(view, state, needle)
        if hit is not None:
            found[state.id] = hit
    return found


def _in_messages(view: View, state: ConversationState, needle: Needle, pace: Pace) -> SearchHit | None:
    """Return the newest message that holds the text."""
    key = state.texts.find(needle.folded, pace.look) if needle.folded else None
    if key is None:
        return None
    item = view.messages[key[-1]].item
    return SearchHit("messages", item.id, item.content, key[:2], is_own=item.direction == "outbound")


def _by_person(view: View, state: ConversationState, needle: Needle) -> SearchHit | None:
    """Return the hit of a conversation whose person's name holds the text, the note on the person, or the platform's
    own last words."""
    person, entry = conversation_partner(view, state), view.conversations.get(state.id)
    remark = entry.item.remark_name if entry is not None else None
    if not needle.folded or needle.is_in_any(person.name, remark):
        return ROW_ITSELF
    note = view.mark("people", person.id).note if person.id is not None else None
    if note is not None and needle.is_in(note.text):
        return SearchHit("people", person.id, note.text)
    last = entry.item.last_message_content if entry is not None and state.platform_last else None
    return ROW_ITSELF if needle.is_in_any(last) else None


def _find_comment_threads(view: View, needle: Needle, pace: Pace) -> Rows:
    found: dict[str, SearchHit] = {}
    works = {work.item.id for work in view.contents.values() if needle.is_in_any(work.item.title)}
    for entry in pace.over(view.comments.values()):
        hit = _in_comment(entry.item, needle, works)
        if hit is None:
            continue
        root, key = root_of(entry.item), item_key(entry.item)
        if not _is_shown(view.comment_thread(root), key):
            continue
        known = found.get(root)
        if known is None or (hit.text is not None and (known.place is None or key[:2] < known.place)):
            found[root] = hit
    return found


def _in_comment(item: Comment, needle: Needle, works: set[str]) -> SearchHit | None:
    if item.content is not None and needle.is_in(item.content):
        return SearchHit("comments", item.id, item.content, item_key(item)[:2], is_own=not is_inbound(item))
    titled = item.content_id in works
    return ROW_ITSELF if titled or needle.is_in_any(item.author_name, item.content_title) else None


def _is_shown(thread: CommentThread, key: Key) -> bool:
    return key == thread.root or key in thread.replies


def _find_notice_groups(view: View, needle: Needle, pace: Pace) -> Rows:
    notices = (entry.item for entry in pace.over(view.notifications.values()))
    return {
        group_of(view.account_id, notice): ROW_ITSELF
        for notice in notices
        if needle.is_in_any(notice.trigger_name, *words_of_notice(view, notice))
    }


_FIND: Final[Mapping[RowKind, Callable[[View, Needle, Pace], Rows]]] = {
    "direct_message": _find_conversations,
    "comment": _find_comment_threads,
    "notification": _find_notice_groups,
}
