"""Lists that clients ask for, under any filter: as the API answers, and as the naive model says it must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, Literal, NamedTuple

from im_api import queries
from im_api.access import Principal
from im_api.queries import (
    AuthorizedAccount,
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
    PageRequest,
)
from sync.core.account.view import View
from tests.simulation.people import KINDS
from tests.sync.core.model import marks, picture
from tests.sync.core.model.account import Model

STAFF: Final = Principal(user_id=1, username="op", is_staff=True, is_active=True)
EVERYTHING: Final = 10_000
Kind = Literal["conversations", "messages", "contents", "comments", "notifications", "feed"]
Answer = tuple[list[str], str | None]
"""The ids of a page, and the cursor of the next."""


class Question(NamedTuple):
    kind: Kind
    account_id: str
    where: Any

    def ask(self, cursor: str | None, count: int) -> Answer:
        page = PageRequest(self.kind, count, cursor)
        listed = _ASK[self.kind](self.account_id, self.where, page)
        return [_id_of(row) for _, row in listed.rows], listed.cursor

    @classmethod
    def everything(cls, kind: Kind, account_id: str) -> list[tuple[AuthorizedAccount, Any]]:
        """All rows of a list, as they are kept."""
        rows: list[tuple[AuthorizedAccount, Any]] = _ASK[kind](
            account_id, _FILTERS[kind](), PageRequest(kind, EVERYTHING)
        ).rows
        return rows

    def ask_all(self) -> list[str]:
        return self.ask(None, EVERYTHING)[0]

    def expected(self, model: Model) -> list[str]:
        seen = picture.of_model(model)
        if self.kind == "feed":
            return [f"{name}:{i}" for name, i in seen["feed"] if _in_feed(self.where, model, seen, name, i)]
        matches = _MATCHES[self.kind]
        return [i for i in _order(seen, self.kind) if matches(self.where, model, seen, i)]


_FILTERS: Final[Mapping[str, type[Any]]] = {
    "conversations": ConversationFilter,
    "messages": MessageFilter,
    "contents": ContentFilter,
    "comments": CommentFilter,
    "notifications": NotificationFilter,
    "feed": FeedFilter,
}
_ASK: Final[Mapping[str, Callable[[str, Any, PageRequest], Any]]] = {
    "conversations": lambda account_id, where, page: queries.list_conversations(STAFF, account_id, where, page),
    "messages": lambda account_id, where, page: queries.list_messages(STAFF, account_id, where, page),
    "contents": lambda account_id, where, page: queries.list_contents(STAFF, account_id, None, where, page),
    "comments": lambda account_id, where, page: queries.list_comments(STAFF, account_id, None, where, page),
    "notifications": lambda account_id, where, page: queries.list_notifications(STAFF, account_id, where, page),
    "feed": lambda account_id, where, page: queries.list_feed(STAFF, account_id, where, page),
}


def _id_of(row: Any) -> str:
    if hasattr(row, "collection"):
        return f"{row.collection}:{row.entry.item.id}"
    item_id: str = row.item.id if hasattr(row, "item") else row.id
    return item_id


def a_question(view: View, random: Random) -> Question:
    kinds: list[Kind] = ["conversations", "messages", "contents", "comments", "notifications", "feed"]
    kind = random.choice(kinds)
    return Question(kind, view.account_id, _a_filter(kind, view, random))


def _a_filter(kind: Kind, view: View, random: Random) -> Any:
    def flag() -> bool | None:
        return random.choice([None, None, True, False])

    def some(names: Any) -> str | None:
        known = sorted(names)
        return random.choice(known) if known and random.random() < 0.4 else None

    if kind == "conversations":
        return ConversationFilter(is_pinned=flag(), is_muted=flag(), unread=flag())
    if kind == "messages":
        return MessageFilter(
            conversation_id=some(i for i, thread in view.conversation_states.items() if not thread.hidden),
            direction=random.choice([None, None, "inbound", "outbound"]),
            is_read=flag(),
            is_deleted=flag(),
            is_recalled=flag(),
        )
    if kind == "contents":
        return ContentFilter(is_new=flag())
    if kind == "comments":
        return CommentFilter(content_id=some(view.works), parent_comment_id=some(view.comments), is_read=flag())
    if kind == "notifications":
        return NotificationFilter(is_read=flag())
    of = frozenset(random.sample(KINDS, random.randrange(1, 5)))
    return FeedFilter(kinds=random.choice([None, of]), is_read=flag(), is_pinned=flag(), is_muted=flag())


# -- what the model says


def _order(seen: dict[str, Any], kind: Kind) -> list[str]:
    order: list[str] = seen["conversation order"] if kind == "conversations" else seen["orders"][kind[:-1]]
    return order


def _conversation(where: ConversationFilter, model: Model, seen: dict[str, Any], item_id: str) -> bool:
    thread = seen["threads"][item_id]
    return (
        where.is_pinned in (None, thread["pinned"])
        and where.is_muted in (None, thread["muted"])
        and where.unread in (None, thread["unread_count"] > 0)
    )


def _message(where: MessageFilter, model: Model, seen: dict[str, Any], item_id: str) -> bool:
    known = model.held["messages"][item_id]
    return (
        where.conversation_id in (None, known.item.conversation_id)
        and where.direction in (None, known.item.direction)
        and where.is_read in (None, ("messages", item_id) not in seen["unread"])
        and where.is_deleted in (None, marks.is_deleted(model, known))
        and where.is_recalled in (None, marks.is_recalled(model, known))
    )


def _content(where: ContentFilter, model: Model, seen: dict[str, Any], item_id: str) -> bool:
    return where.is_new in (None, seen["works"][item_id][1] > 0)


def _comment(where: CommentFilter, model: Model, seen: dict[str, Any], item_id: str) -> bool:
    item = model.held["comments"][item_id].item
    return (
        where.content_id in (None, item.content_id)
        and where.parent_comment_id in (None, item.parent_comment_id)
        and where.is_read in (None, ("comments", item_id) not in seen["unread"])
    )


def _notification(where: NotificationFilter, model: Model, seen: dict[str, Any], item_id: str) -> bool:
    return where.is_read in (None, ("notifications", item_id) not in seen["unread"])


_MATCHES: Final[Mapping[str, Callable[[Any, Model, dict[str, Any], str], bool]]] = {
    "conversations": _conversation,
    "messages": _message,
    "contents": _content,
    "comments": _comment,
    "notifications": _notification,
}


def _in_feed(where: FeedFilter, model: Model, seen: dict[str, Any], name: str, item_id: str) -> bool:
    item = model.held[name][item_id].item
    kind, pinned, muted = "notification", False, False
    if name == "messages":
        thread = seen["threads"][item.conversation_id]
        kind, pinned, muted = "direct_message", thread["pinned"], thread["muted"]
    elif name == "comments":
        kind, pinned = "comment" if item.parent_comment_id is None else "discussion", bool(item.is_pinned)
    return (
        (where.kinds is None or kind in where.kinds)
        and where.is_read in (None, (name, item_id) not in seen["unread"])
        and where.is_pinned in (None, pinned)
        and where.is_muted in (None, muted)
    )
