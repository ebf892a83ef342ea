"""Clients: they walk through pages while everything changes, and keep a copy of an account by its events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from im_api import queries, shapes
from im_api.errors import NotFound
from im_api.queries import AuthorizedAccount
from im_api.shapes.common import counts
from sync.models import Change
from sync.storage.change_log import read_body
from tests.simulation.hub import SimulatedHub
from tests.simulation.ledger import Ledger
from tests.simulation.questions import STAFF, Kind, Question, a_question

MOST_WALKS: Final = 3


class Walk:
    """Page by page through one list. `always`: what belonged to it all the time, `ever`: at any time of the walk."""

    def __init__(self, question: Question, count: int, epoch: str) -> None:
        self.question = question
        self.epoch = epoch
        self.version = -1
        self._count = count
        self._cursor: str | None = None
        self._got: list[str] = []
        self._first = question.ask_all()
        self._always = set(self._first)
        self._ever = set(self._first)

    def see(self, version: int) -> None:
        if version == self.version:
            return
        self.version = version
        question = self.question
        if question.kind == "conversations":  # who was there at the start is shown as long as he is there at all
            self._always &= set(question._replace(where=type(question.where)()).ask_all())
        else:
            now = set(question.ask_all())
            self._always &= now
            self._ever |= now

    def go_on(self) -> bool:
        """Return whether the end of the walk was reached; the walk is then checked."""
        ids, self._cursor = self.question.ask(self._cursor, self._count)
        assert len(ids) <= self._count
        self._got += ids
        if self._cursor is None:
            self._check()
        return self._cursor is None

    def _check(self) -> None:
        got = self._got
        assert len(got) == len(set(got)), "an item came twice"
        assert self._always <= set(got), f"passed over: {self._always - set(got)} {self.question}"
        assert set(got) <= self._ever, "an item does not belong here"
        assert [i for i in got if i in self._always] == [i for i in self._first if i in self._always]


class Copy:
    """The things that a client shows of an account. Read once, then kept by events alone."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._read()

    def _read(self) -> None:
        authorized = queries.get_authorized(STAFF, self._account_id)
        self._version, self._seq = authorized.view.version, authorized.view.seq
        self.items = all_items(self._account_id)
        self.badges = counts(authorized)

    def catch_up(self) -> int:
        """-> how many events there were."""
        rows = Change.objects.filter(account_id=self._account_id, version__gt=self._version).order_by("version")
        events = [event for row in rows for event in read_body(row).events]
        if any(event.kind == "reset" for event in events):
            self._read()
            return len(events)
        for event in events:
            self._apply(event.kind, event.id)
        self._version = queries.get_authorized(STAFF, self._account_id).view.version
        return len(events)

    def _apply(self, kind: str, item_id: str) -> None:
        noun, _, what = kind.partition(".")
        if kind == "unread.changed":
            self.badges = counts(queries.get_authorized(STAFF, self._account_id))
        elif what == "removed":
            self.items.pop((noun, item_id), None)
        elif noun in _FETCH:
            try:
                self.items[noun, item_id] = _FETCH[noun](item_id, self._account_id)
            except NotFound:  # gone by now: an event that follows says so
                self.items.pop((noun, item_id), None)

    def check(self) -> None:
        assert self.items == all_items(self._account_id), "the events do not lead to what is there"
        assert self.badges == counts(queries.get_authorized(STAFF, self._account_id))


def _fetch_conversation(item_id: str, account_id: str) -> Any:
    authorized, thread = queries.get_conversation(STAFF, item_id, account_id)
    if thread.id != item_id:  # it met the platform's
        raise NotFound("Conversation not found")
    return shapes.conversation(authorized, thread)


def _fetch_entry(
    shape: Callable[[AuthorizedAccount, Any], Any], collection: queries.Collection
) -> Callable[[str, str], Any]:
    def fetch(item_id: str, account_id: str) -> Any:
        authorized, known = queries.find_item(STAFF, collection, item_id, account_id)
        return shape(authorized, queries.entry_in(authorized, collection, known))

    return fetch


_FETCH: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "conversation": _fetch_conversation,
    "message": _fetch_entry(shapes.message, "messages"),
    "content": lambda i, account_id: shapes.work(*queries.find_item(STAFF, "contents", i, account_id)),
    "discussion": _fetch_entry(shapes.discussion, "comments"),
    "notification": _fetch_entry(shapes.notification, "notifications"),
}


def all_items(account_id: str) -> dict[tuple[str, str], Any]:
    """By the lists of the API."""
    nouns: dict[Kind, tuple[str, Callable[[Any, Any], tuple[str, Any]]]] = {
        "conversations": (
            "conversation",
            lambda authorized, thread: (thread.id, shapes.conversation(authorized, thread)),
        ),
        "messages": ("message", _of_entry(shapes.message)),
        "contents": ("content", lambda authorized, entry: (entry.item.id, shapes.work(authorized, entry.item.id))),
        "comments": ("discussion", _of_entry(shapes.discussion)),
        "notifications": ("notification", _of_entry(shapes.notification)),
    }
    items = {}
    for kind, (noun, shape) in nouns.items():
        for authorized, row in Question.everything(kind, account_id):
            item_id, shown = shape(authorized, row)
            items[noun, item_id] = shown
    return items


def _of_entry(shape: Callable[[AuthorizedAccount, Any], Any]) -> Callable[[AuthorizedAccount, Any], tuple[str, Any]]:
    return lambda authorized, entry: (entry.item.id, shape(authorized, entry))


class Clients:
    def __init__(self, random: Random, ledger: Ledger) -> None:
        self._random = random
        self._counts: Counter[str] = ledger.counts
        self._models = ledger.models
        self._pinned_orders: list[Walk] = []
        self._copies: dict[str, Copy] = {}

    def hub_started(self) -> None:
        """The hub forgets the order of walks through conversations; other walks know by their key where they were."""
        self._pinned_orders = [walk for walk in self._pinned_orders if walk.question.kind != "conversations"]

    def see(self, hub: SimulatedHub) -> None:
        """After every step."""
        for walk in list(self._pinned_orders):
            view = hub.store.get_view(walk.question.account_id)
            if view.epoch != walk.epoch:
                self._pinned_orders.remove(walk)
            else:
                walk.see(view.version)

    def read(self, hub: SimulatedHub) -> None:
        account_id = self._random.choice(sorted(self._models))
        chance = self._random.random()
        if chance < 0.15:
            self._follow(account_id)
        elif chance < 0.25:
            question = a_question(hub.store.get_view(account_id), self._random)
            assert question.ask_all() == question.expected(self._models[account_id])
            self._counts["lists"] += 1
        elif chance < 0.5 and len(self._pinned_orders) < MOST_WALKS:
            view = hub.store.get_view(account_id)
            walk = Walk(a_question(view, self._random), self._random.choice([1, 2, 5]), view.epoch)
            self._pinned_orders.append(walk)
            self._walk(walk)
        elif self._pinned_orders:
            self._walk(self._random.choice(self._pinned_orders))

    def _walk(self, walk: Walk) -> None:
        if walk.go_on():
            self._pinned_orders.remove(walk)
            self._counts["walks"] += 1

    def _follow(self, account_id: str) -> None:
        copy = self._copies.get(account_id)
        if copy is None:
            copy = self._copies[account_id] = Copy(account_id)
        self._counts["events"] += copy.catch_up()
        copy.check()

    def finish(self) -> None:
        while self._pinned_orders:
            self._walk(self._pinned_orders[0])
        for account_id in list(self._copies):
            self._follow(account_id)
