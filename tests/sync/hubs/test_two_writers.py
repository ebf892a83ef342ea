"""Two hubs write to one database, each through its own writer, and each takes in what the other wrote."""

from __future__ import annotations

import random
from typing import Any

import pytest

from im_api.queries.events import NotificationBatch, batches_of
from sync.core.change.changes import Cleared, Operated
from sync.core.change.delta import as_delta
from sync.core.change.snapshot_validation import Validated
from sync.models import Account, Change, Checkpoint
from sync.writing.jobs import Done, Published
from sync.writing.writer import TAKEN_IN_AT_ONCE
from tests.sync.writing.a_hub import AHub, messages

pytestmark = pytest.mark.django_db


class OneOfTwo(AHub):
    """`told`: what its clients are notified of. `wrote`: what it would tell other hubs of."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[NotificationBatch] = []
        self.wrote: list[tuple[str, int]] = []

    def publish(self, published: Published) -> None:
        super().publish(published)
        self.told += batches_of(published)
        if published.is_own:
            self.wrote += [(view.account_id, view.version) for view in published.views]

    def write(self, *numbers: int) -> Done:
        self.submit("a", messages(*numbers), merge=["messages"])
        return self._drain()

    def operate(self, action: Any, number: int) -> Done:
        return self.change(Operated(action=action, collection="messages", ids=(f"msg_a_{number}",), by="ann"))

    def change(self, change: Any) -> Done:
        self.submit("a", {}, make=lambda *_: Validated(change, []))
        return self._drain()

    def follow(self) -> None:
        self.writer.follow(["a"])
        self.writer.drain()

    def _drain(self) -> Done:
        self.writer.drain()
        outcome = self.outcomes[-1]
        assert isinstance(outcome, Done)
        return outcome

    @property
    def holds(self) -> Any:
        view = self.store.get_view("a")
        return view.version, view.seq, as_delta(view)

    @property
    def events(self) -> list[tuple[int, str, str]]:
        """Each event with its number."""
        return [
            (seq, event.kind, event.id)
            for batch in self.told
            for seq, event in enumerate(batch.events or (), batch.after + 1)
        ]


@pytest.fixture
def hubs() -> tuple[OneOfTwo, OneOfTwo]:
    Account.objects.create(pk="a", name="a")
    here, there = OneOfTwo(), OneOfTwo()
    here.write(0)  # its clients read everything then, whichever hub they are at
    there.follow()
    for hub in (here, there):
        assert [batch.initial for batch in hub.told] == [True]
        hub.told.clear()
    return here, there


def test_what_one_hub_wrote_the_other_holds_and_tells_its_clients_under_the_same_numbers(
    hubs: tuple[OneOfTwo, OneOfTwo],
) -> None:
    here, there = hubs
    here.write(1, 2)
    assert there.store.get_view("a").version == 1
    there.follow()
    assert there.holds == here.holds
    assert there.told == here.told != []
    assert there.wrote == []


def test_a_write_on_top_of_another_hub_s_is_applied_to_it_and_clients_miss_nothing(
    hubs: tuple[OneOfTwo, OneOfTwo],
) -> None:
    here, there = hubs
    here.write(1)
    done = there.write(2)
    assert (done.before.version, done.view.version) == (2, 3)
    assert [batch.events is None for batch in there.told] == [False, False]
    here.follow()
    assert here.holds == there.holds
    assert here.events == there.events


@pytest.mark.parametrize("seed", range(4))
def test_whoever_writes_and_looks_when_both_end_alike_without_a_gap(hubs: tuple[OneOfTwo, OneOfTwo], seed: int) -> None:
    chance = random.Random(seed)
    begins = hubs[0].store.get_view("a").seq
    for number in range(1, 30):
        hub = chance.choice(hubs)
        step = chance.choice(("write", "write", "read", "delete", "restore", "follow"))
        if step == "write":
            hub.write(number)
        elif step == "follow":
            hub.follow()
        else:
            hub.operate(step, chance.randrange(number))
    for hub in hubs:
        hub.follow()
    here, there = hubs
    assert here.holds == there.holds
    assert here.events == there.events
    assert [seq for seq, _, _ in here.events] == list(range(begins + 1, here.store.get_view("a").seq + 1))
    assert as_delta(here.loaded()["a"]) == as_delta(here.store.get_view("a"))


def test_an_account_that_was_cleared_elsewhere_begins_anew_here(hubs: tuple[OneOfTwo, OneOfTwo]) -> None:
    here, there = hubs
    here.write(1)
    here.change(Cleared(epoch="another"))
    here.write(5)
    there.follow()
    assert there.holds == here.holds
    assert [batch.events for batch in there.told] == [None]
    assert there.told[-1].position.epoch == "another"


def test_where_the_log_no_longer_has_what_came_between_clients_read_anew(hubs: tuple[OneOfTwo, OneOfTwo]) -> None:
    here, there = hubs
    for number in (1, 2, 3):
        here.write(number)
    here.log.write_checkpoint(here.store.get_view("a"))
    Change.objects.filter(version__lte=3).delete()
    there.follow()
    assert there.holds == here.holds
    assert [batch.events for batch in there.told] == [None]


def test_a_look_that_finds_nothing_new_tells_nobody(hubs: tuple[OneOfTwo, OneOfTwo]) -> None:
    here, there = hubs
    there.follow()
    here.follow()
    assert here.told == there.told == []


def test_an_older_copy_in_place_of_the_database_is_what_counts(hubs: tuple[OneOfTwo, OneOfTwo]) -> None:
    here, _ = hubs
    first = here.store.get_view("a")
    here.write(1)
    Change.objects.filter(version__gt=1).delete()
    Checkpoint.objects.all().delete()
    Account.objects.update(version=1, seq=first.seq)
    done = here.write(2)
    assert done.view.version == 2
    assert sorted(here.store.get_view("a").messages) == ["msg_a_0", "msg_a_2"]


def test_however_many_accounts_are_behind_a_write_here_waits_for_a_few(
    hubs: tuple[OneOfTwo, OneOfTwo], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = hubs
    done: list[str] = []

    def load_later(view: Any, _new_view: Any) -> Any:
        done.append(view.account_id)
        return view, []

    monkeypatch.setattr(here.log, "load_later", load_later)
    monkeypatch.setattr(here, "outcomes", done)
    here.writer.follow(f"b{number}" for number in range(3 * TAKEN_IN_AT_ONCE))
    here.submit("a", messages(1), merge=["messages"])
    here.writer.drain()
    assert [isinstance(one, Done) for one in done].index(True) == TAKEN_IN_AT_ONCE
    assert len(done) == 3 * TAKEN_IN_AT_ONCE + 1
