"""The first page: every account with its state and freshness, and what came in last. Plain words, for people."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from im_api.access import Principal
from im_api.queries.cursors import PageRequest
from im_api.queries.lists import list_feed
from im_api.queries.scope import ALL, Reading, get_readings
from sync.core.filters import FeedFilter, feed_kind
from sync.core.lists import FeedRow
from sync.protocol.items import Comment, Message, Notification
from sync.words import AccountState, account_state, say_ago

NEWEST: Final = 20
PREVIEW: Final = 140
_LOOKED: Final = {"messages": "messages", "comments": "comments", "notifications": "notices"}
_KINDS: Final = {
    "direct_message": "Private message",
    "comment": "Comment",
    "discussion": "Reply",
    "notification": "Notice",
}
_NOTICES: Final = {"like": "liked your work", "follow": "follows you now", "mention": "mentioned you"}
_TYPES: Final = {"image": "[picture]", "video": "[video]", "audio": "[voice]", "file": "[file]", "link": "[link]"}


class AccountCard(Struct, frozen=True, kw_only=True):
    """`looked`: when each surface was last read, in words."""

    id: str
    name: str
    initial: str
    color: str | None
    state: AccountState
    looked: list[str]
    unread: int
    needs_reply: int


class Arrival(Struct, frozen=True, kw_only=True):
    account: AccountCard
    kind: str
    sender: str
    text: str
    is_unread: bool
    ago: str


class Home(Struct, frozen=True):
    accounts: list[AccountCard]
    arrivals: list[Arrival]

    @property
    def unread(self) -> int:
        return sum(account.unread for account in self.accounts)

    @property
    def needs_reply(self) -> int:
        return sum(account.needs_reply for account in self.accounts)

    @property
    def to_mend(self) -> list[AccountCard]:
        return [account for account in self.accounts if account.state.tone == "act"]


def read_home(principal: Principal) -> Home:
    """Raises HubNotReady."""
    cards = {reading.account.id: _card(reading) for reading in get_readings(principal, ALL)}
    listed = list_feed(principal, ALL, FeedFilter(), PageRequest("home", NEWEST)) if cards else None
    arrivals = [_arrival(reading, row, cards[reading.account.id]) for reading, row in listed.rows] if listed else []
    return Home(list(cards.values()), arrivals)


def _card(reading: Reading) -> AccountCard:
    account, view, now = reading.account, reading.view, reading.hub.clock()
    name = account.alias or account.name
    seen = reading.seen_at
    return AccountCard(
        id=account.id,
        name=name,
        initial=name[:1] or "?",
        color=account.color,
        state=account_state(account.status, view.report.login_status, reading.worker_status),
        looked=[f"{word} {say_ago(seen[surface], now)}" for surface, word in _LOOKED.items() if surface in seen],
        unread=view.totals.total_unread,
        needs_reply=view.totals.needs_reply,
    )


def _arrival(reading: Reading, row: FeedRow, card: AccountCard) -> Arrival:
    item = row.entry.item
    return Arrival(
        account=card,
        kind=_KINDS[feed_kind(row.collection, item)],
        sender=_sender(item),
        text=_text(row),
        is_unread=row.view.is_unread(row.collection, item.id),
        ago=say_ago(item.created_at, reading.hub.clock()) if item.created_at is not None else "",
    )


def _sender(item: object) -> str:
    """Never an invented name: who is unknown is told apart by the end of the id."""
    if isinstance(item, Message):
        own, name, user_id = item.direction == "outbound", item.sender_name, item.sender_id
    elif isinstance(item, Comment):
        own, name, user_id = bool(item.is_author_reply), item.author_name, item.author_id
    else:
        own, name, user_id = False, getattr(item, "trigger_name", None), getattr(item, "trigger_id", None)
    return "You" if own else name or (f"User {user_id[-4:]}" if user_id else "")


def _text(row: FeedRow) -> str:
    item = row.entry.item
    if row.collection == "messages" and row.view.is_recalled(row.entry):
        return "recalled a message"
    text = getattr(item, "content", None) or getattr(item, "title", None) or _stand_in(item)
    return text if len(text) <= PREVIEW else text[: PREVIEW - 1] + "…"


def _stand_in(item: object) -> str:
    """For what has no words of its own."""
    kind = getattr(item, "type", "")
    if isinstance(item, Notification):
        return _NOTICES.get(kind, "")
    return "[picture]" if getattr(item, "images", None) else _TYPES.get(kind, "")
