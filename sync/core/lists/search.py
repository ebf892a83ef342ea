"""Search: the rows in which a text stands, each with the newest of its items that hold it.

One pass over the items of an account finds them; only items that hold the text are looked at any closer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from sync.core.account.comment_threads import CommentThread, root_of
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.history import item_key
from sync.core.account.inbox_rows import RowKind, SearchHit, conversation_partner
from sync.core.account.notice_groups import group_of
from sync.core.account.order import Key
from sync.core.account.reply_judge import is_inbound
from sync.core.account.view import View
from sync.core.lists.filters import words_of
from sync.core.lists.needle import Needle, make_needle
from sync.protocol.items import Comment

Rows = Mapping[str, SearchHit]
"""By id of the row. A hit without a text: the row's name or title holds it."""

ROW_ITSELF: Final = SearchHit(None, None, None)


class _Same:
    """A view as the key of a cache: views are compared by what they are, which is cheap, not by what they hold."""

    def __init__(self, view: View) -> None:
        self.view = view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.view is other.view

    def __hash__(self) -> int:
        return id(self.view)


def find_rows(view: View, kind: RowKind, q: str) -> Rows:
    """Return the rows of `kind` in which `q` stands, by their ids.

    In conversations: names, notes on the person, messages that are not deleted or recalled. In comments: authors,
    texts, the work's title. In notices: names, titles, texts.
    """
    return _find_once(_Same(view), kind, q)


@lru_cache(maxsize=64)
def _find_once(of: _Same, kind: RowKind, q: str) -> Rows:
    """Return the rows, found once for the list, its counts and its next pages."""
    view, needle = of.view, make_needle(q)
    if kind == "direct_message":
        return _find_conversations(view, needle)
    return _find_comment_threads(view, needle) if kind == "comment" else _find_notice_groups(view, needle)


def _find_conversations(view: View, needle: Needle) -> Rows:
    shown = [state for state in view.conversation_states.values() if not state.hidden]
    found = {state.id: hit for state in shown if (hit := _by_person(view, state, needle)) is not None}
    is_in, newest = needle.is_in, dict[str, list[Entry[Any]]]()
    for entry in view.messages.values():
        content = entry.item.content
        if content is not None and is_in(content):
            newest.setdefault(entry.item.conversation_id, []).append(entry)
    for conversation_id, entries in newest.items():
        state = view.conversation_states.get(conversation_id)
        if state is None or state.hidden:
            continue
        message = _newest_shown(view, state, entries)
        if message is not None:
            found[state.id] = message
    return found


def _newest_shown(view: View, state: ConversationState, entries: list[Entry[Any]]) -> SearchHit | None:
    for entry in sorted(entries, key=lambda entry: item_key(entry.item)):
        if words_of(view, entry) is not None and item_key(entry.item) in state.order:
            own = entry.item.direction == "outbound"
            return SearchHit("messages", entry.item.id, entry.item.content, item_key(entry.item)[:2], is_own=own)
    return None


def _by_person(view: View, state: ConversationState, needle: Needle) -> SearchHit | None:
    """Return the hit of a conversation whose person's name holds the text, the note on the person, or the platform's
    own last words."""
    person = conversation_partner(view, state)
    if person.name is not None and needle.is_in(person.name):
        return ROW_ITSELF
    note = view.mark("people", person.id).note if person.id is not None else None
    if note is not None and needle.is_in(note.text):
        return SearchHit("people", person.id, note.text)
    entry = view.conversations.get(state.id)
    last = entry.item.last_message_content if entry is not None and state.platform_last else None
    return ROW_ITSELF if last is not None and needle.is_in(last) else None


def _find_comment_threads(view: View, needle: Needle) -> Rows:
    found: dict[str, SearchHit] = {}
    works = {work.item.id for work in view.contents.values() if work.item.title and needle.is_in(work.item.title)}
    for entry in view.comments.values():
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
    named = item.author_name is not None and needle.is_in(item.author_name)
    titled = item.content_id in works or (item.content_title is not None and needle.is_in(item.content_title))
    return ROW_ITSELF if named or titled else None


def _is_shown(thread: CommentThread, key: Key) -> bool:
    return key == thread.root or key in thread.replies


def _find_notice_groups(view: View, needle: Needle) -> Rows:
    return {
        group_of(view.account_id, entry.item): ROW_ITSELF
        for entry in view.notifications.values()
        if any(text is not None and needle.is_in(text) for text in _texts_of_notice(entry.item))
    }


def _texts_of_notice(notice: Any) -> Iterator[str | None]:
    yield from (notice.trigger_name, notice.title, notice.content)
