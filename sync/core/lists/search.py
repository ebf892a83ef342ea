"""Search: the rows in which a text stands, each with the newest of its items that hold it.

Messages are found by the folded texts of their conversation, comments and notices as in the lists of items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sync.core.account.comment_threads import root_of
from sync.core.account.conversations import ConversationState
from sync.core.account.inbox_rows import RowKind, SearchHit, conversation_partner
from sync.core.account.notice_groups import group_of
from sync.core.account.order import Key
from sync.core.account.reply_judge import is_inbound
from sync.core.account.view import View
from sync.core.lists.found_items import FoundItems
from sync.core.lists.kept_searches import FoundRow, KeptSearches, Rows, RowsByKind
from sync.core.lists.needle import Needle, make_needle
from sync.core.lists.row_filter import KeptRow, RowInView
from sync.core.pace import Check, Pace, go_on

MOST_KEPT: Final = 100_000
"""So many rows and searched accounts are remembered."""

Hits = Mapping[str, SearchHit]
"""By id of the row."""
ROW_ITSELF: Final = SearchHit(None, None, None)


def find_rows(view: View, kind: RowKind, q: str, check: Check = go_on) -> Rows:
    """Return the rows of `kind` in which `q` stands, by their ids. `check`: see `Pace`.

    In conversations: names, notes on the person, messages that are not deleted or recalled. In comments: authors,
    texts, the work's title. In notices: names, titles, texts. They are found once for the list, its counts and its next
    pages; a search that was ended is not kept.
    """
    return _kept.find(view, q, kind, lambda: _find(view, kind, q, check))


def _find(view: View, kind: RowKind, q: str, check: Check) -> RowsByKind:
    """Return the rows of `kind`. Of an account that is out of memory those of all kinds, with what a list asks of
    them: its body is read once for all, and kept only if one of them is shown.
    """
    if view.is_resident:
        return {kind: {row_id: FoundRow(hit) for row_id, hit in _FIND[kind](view, q, Pace(check)).items()}}
    check()  # to read a body takes longer than to search most of them
    whole = view.peek()
    return {of: _keep(whole, of, find(whole, q, Pace(check))) for of, find in _FIND.items()}


def _keep(whole: View, kind: RowKind, hits: Hits) -> Rows:
    waiting = list_waiting(whole, kind) if hits else {}
    return {
        row_id: FoundRow(hit, KeptRow.of(RowInView(whole, kind, row_id), waiting.get(row_id)))
        for row_id, hit in hits.items()
    }


def list_waiting(view: View, kind: RowKind) -> dict[str, Key]:
    """Return (not pinned, waiting since) of the rows of a kind that wait, by id."""
    return {key[-2]: key[:2] for key in view.waiting_order if key[-1] == kind}


def _find_conversations(view: View, q: str, pace: Pace) -> Hits:
    found, needle = dict[str, SearchHit](), make_needle(q)
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


def _find_comment_threads(view: View, q: str, pace: Pace) -> Hits:
    found, needle = dict[str, SearchHit](), make_needle(q)
    for comment_id, key in FoundItems(view, q, pace).all_of("comments").items():
        item = view.comments[comment_id].item
        root = root_of(item)
        if (known := found.get(root)) is not None and known.text is not None:
            continue  # that of a newer one
        if item.content is not None and needle.is_in(item.content):
            found[root] = SearchHit("comments", item.id, item.content, key[:2], is_own=not is_inbound(item))
        else:
            found[root] = ROW_ITSELF
    return found


def _find_notice_groups(view: View, q: str, pace: Pace) -> Hits:
    holds = FoundItems(view, q, pace).teller("notifications")
    notices = (entry.item for entry in pace.over(view.notifications.values()))
    return {group_of(view.account_id, notice): ROW_ITSELF for notice in notices if holds(notice)}


_FIND: Final[Mapping[RowKind, Callable[[View, str, Pace], Hits]]] = {
    "direct_message": _find_conversations,
    "comment": _find_comment_threads,
    "notification": _find_notice_groups,
}
_kept: Final = KeptSearches(MOST_KEPT)
