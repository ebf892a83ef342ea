"""An account whose body is out of memory: its head stays, and the rest is read when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final, Protocol

from sync.core.account.order import Feed, Order
from sync.core.account.view import View
from sync.core.heads.cut_order import Cut, FeedCut
from sync.core.heads.known_ids import KnownIds
from sync.core.pace import Check, go_on
from sync.protocol.items import COLLECTIONS


class Read(Protocol):
    """Brings the body of a head, and raises what the database does. `keep`: the head and the store hold it then."""

    def __call__(self, head: EvictedView, *, keep: bool) -> View: ...


KEPT: Final[Mapping[str, int]] = {
    "conversation_order": 4,
    "comment_thread_order": 4,
    "notice_group_order": 4,
    "waiting_order": 32,
}
"""Keys of each order that a head keeps. Who shows a row needs the body anyway: they say whose rows come first."""
KEPT_OF_FEED: Final = 4

HEAD: Final = (
    "account_id",
    "fresh_ms",
    "version",
    "seq",
    "epoch",
    "started_at",
    "started_clock",
    "started_version",
    "changed_at",
    "totals",
    "report",
    "owner_at",
    "rules",
    "pending_replies",
)
"""A view with a reply on its way is never evicted: of that much happens on the event loop."""
_BODY: Final = frozenset(View.__struct_fields__) - {*HEAD, *KEPT}


class Body:
    """The place of a body. `view`: the whole view, while it is in memory. `read` brings it; see `EvictedView`."""

    __slots__ = ("read", "view")

    def __init__(self, read: Read) -> None:
        self.read = read
        self.view: View | None = None


class EvictedView(View, frozen=True, kw_only=True, eq=False):
    """The head of a view, which can be used as the view itself: the rest is read at the first need.

    To read takes the database: it raises what `Body.read` does, on an event loop SynchronousOnlyOperation.
    `known_ids`: of everything that `find` finds, and of notice groups. `any_unread`: whether any item is unread.
    `feed_cut`: the beginning of the feed.
    """

    body: Body
    known_ids: KnownIds
    any_unread: bool
    feed_cut: FeedCut

    def __getattr__(self, name: str) -> Any:
        if name not in _BODY:
            raise AttributeError(name)
        return getattr(self.whole(), name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.whole() == other.whole()

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"EvictedView({self.account_id!r}, version={self.version})"

    def whole(self) -> View:
        """Return the whole view. It stays at hand as long as the store keeps it."""
        view = self.body.view
        return self.body.read(self, keep=True) if view is None else view

    def peek(self) -> View:
        """Return the whole view for one look: who looks into all accounts shall not put out those in use."""
        view = self.body.view
        return self.body.read(self, keep=False) if view is None else view

    @property
    def is_resident(self) -> bool:
        """Return whether the body is in memory."""
        return self.body.view is not None

    @property
    def has_unread(self) -> bool:
        return self.any_unread

    @property
    def feed(self) -> Feed:
        """The feed. What is behind its first keys is read at the first need."""
        return self.feed_cut.as_feed(lambda: self.whole().feed)

    def may_know(self, item_id: str, /) -> bool:
        """Return False if nothing here has this id: who asks all accounts need not read this one."""
        return item_id in self.known_ids


def evict(view: View, read: Read) -> EvictedView:
    """Return the head of a view that is whole. `read` brings the very same one."""
    fields = {name: getattr(view, name) for name in HEAD}
    orders = {name: Cut.of(getattr(view, name), keep) for name, keep in KEPT.items()}
    return make_head(fields, orders, FeedCut.of(view.feed, KEPT_OF_FEED), list_known(view), view.has_unread, read)


def make_head(
    fields: Mapping[str, Any],
    orders: Mapping[str, Cut],
    feed: FeedCut,
    known_ids: KnownIds,
    any_unread: bool,
    read: Read,
) -> EvictedView:
    """Return the head of these fields, which are those of HEAD, and these orders, which are those of KEPT."""
    head = EvictedView(**fields, body=Body(read), known_ids=known_ids, any_unread=any_unread, feed_cut=feed)
    for name in _BODY:  # without a value: then Python asks `__getattr__`
        _slot(name).__delete__(head)
    for name, order in orders.items():
        _slot(name).__set__(head, order.as_order(_Bring(head, name)))
    return head


class _Bring:
    """Brings the whole order `name` of a head."""

    __slots__ = ("_head", "_name")

    def __init__(self, head: EvictedView, name: str) -> None:
        self._head = head
        self._name = name

    def __call__(self) -> Order:
        order: Order = getattr(self._head.whole(), self._name)
        return order


def _slot(name: str) -> Any:
    return View.__dict__[name]


def list_known(view: View, check: Check = go_on) -> KnownIds:
    """Return the ids of everything that somebody may ask for without naming the account. `check` is called between
    them.
    """
    return KnownIds.of(_ids(view), check)


def _ids(view: View) -> Iterator[str]:
    maps = (view.entries(name) for name in COLLECTIONS)
    yield from chain.from_iterable(maps)
    yield from chain(view.conversation_states, view.comment_threads, view.works, view.notice_groups)
    yield from chain(view.adopted, view.replies)
    yield from (item_id for _, item_id in view.mentions)
