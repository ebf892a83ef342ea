"""How far back the log goes: what is deleted nobody misses, neither a start nor a client that was away."""

import asyncio
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.core.account.view import View
from sync.core.change.changes import Cleared
from sync.core.stored.log_row_body import encode_body
from sync.models import Account, Change, Checkpoint, Observation
from sync.protocol.times import DAY_MS
from sync.storage import retention
from sync.storage.change_log import ChangeLog, columns, read_body
from sync.storage.records import Actor
from sync.storage.retention import Run, apply_retention, delete_old, keep_short
from sync.store import DataStore
from sync.writing.jobs import Job, as_change
from sync.writing.writer import Writer
from tests.imhub.test_settings import run_manage
from tests.servers import eventually
from tests.sync.histories import NOW, a_message, load, write_history
from tests.sync.threaded_hub import running_hub

pytestmark = pytest.mark.django_db
LATER = NOW + 1


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> int:
    """Small numbers: 23 events in place of 1,000."""
    monkeypatch.setattr(retention, "KEPT_EVENTS", 23)
    return 23


def new_view(account_id: str) -> View:
    return DataStore().new_view(account_id)


def delete_before(before: int, **bounds: int) -> Run:
    return delete_old(before, new_view, **bounds)


def versions(account_id: str = "roses") -> list[int]:
    rows = Change.objects.filter(account_id=account_id).order_by("version")
    return list(rows.values_list("version", flat=True))


def write_steps(account_id: str = "roses", steps: int = 10, each: int = 5) -> View:
    """The first version is one event, each later one so many."""
    held = [a_message(0)]
    snapshots = [{"messages": list(held)}]
    for step in range(1, steps):
        held += [a_message(step * each + number) for number in range(each)]
        snapshots.append({"messages": list(held)})
    return write_history(account_id, *snapshots)


def rewrite(row: Change, **values: Any) -> None:
    """As if it had been written so."""
    delta = read_body(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.body = encode_body(delta, columns(row))
    row.save()


def test_old_rows_go_behind_a_new_checkpoint_and_a_restart_finds_the_same(kept: int) -> None:
    before = write_steps()
    assert not Checkpoint.objects.exists()
    assert delete_before(LATER) == Run(changes=6, observations=0, finished=True)
    assert (versions(), Checkpoint.objects.get().version) == ([7, 8, 9, 10], 10)
    assert load("roses") == before


def test_the_last_thousand_events_stay_however_old_they_are() -> None:
    view = write_steps(steps=8, each=190)
    assert view.seq > 1300
    delete_before(LATER)
    oldest = Change.objects.order_by("version")[0]
    assert oldest.seq_from <= view.seq - 999 <= oldest.seq_to


def test_what_is_younger_stays_and_so_does_everything_after_it(kept: int) -> None:
    write_steps()
    # A clock that was set back.
    rewrite(Change.objects.get(version=3), at=LATER)
    assert delete_before(LATER).changes == 2
    assert versions()[0] == 3


def test_a_checkpoint_that_covers_them_is_not_written_again(kept: int) -> None:
    ChangeLog().write_checkpoint(write_steps(steps=8))
    write_history("roses", {"messages": [a_message(0)]})
    assert delete_before(LATER).changes > 0
    assert Checkpoint.objects.get().version == 8


def test_rows_stay_where_the_checkpoint_or_the_log_cannot_be_read(kept: int) -> None:
    for account_id in ("roses", "tea", "wine"):
        ChangeLog().write_checkpoint(write_steps(account_id))
    checkpoint = Checkpoint.objects.get(pk="roses")
    Checkpoint.objects.filter(pk="roses").update(body=bytes(checkpoint.body)[:-1] + b"]")
    Checkpoint.objects.filter(pk="wine").delete()
    Change.objects.filter(account_id="wine", version=9).delete()
    delete_before(LATER)
    assert (versions("roses"), versions("tea")[0], versions("wine")[0]) == (list(range(1, 11)), 7, 1)


def test_work_is_done_in_batches_and_says_whether_some_is_left(kept: int) -> None:
    write_steps()
    assert delete_before(LATER, batch=2, batches=2) == Run(changes=4, observations=0, finished=False)
    assert delete_before(LATER, batch=2, batches=2) == Run(changes=2, observations=0, finished=True)


def test_an_older_checkpoint_never_takes_the_place_of_a_newer_one() -> None:
    older = write_steps()
    ChangeLog().write_checkpoint(write_history("roses", {"messages": [a_message(7)]}))
    ChangeLog().write_checkpoint(older)
    assert Checkpoint.objects.get().version == older.version + 1


def test_a_checkpoint_of_a_history_that_was_thrown_away_is_not_written() -> None:
    view = write_steps()
    clear("roses")
    ChangeLog().write_checkpoint(view)
    assert not Checkpoint.objects.exists()
    assert len(load("roses").messages) == 0


def clear(account_id: str) -> None:
    store, change_log = DataStore(), ChangeLog()
    store.publish([change_log.load(account_id, store.new_view)])
    writer = Writer(store, change_log, lambda published: store.publish(published.views), lambda: NOW)
    change = as_change(Cleared(epoch="another"))
    writer.submit(Job(account_id=account_id, make=change, actor=Actor("test"), answer=lambda _: None))
    writer.drain()


@pytest.mark.django_db(transaction=True)
def test_the_writers_own_checkpoints_in_another_thread_harm_nothing(kept: int) -> None:
    view = write_steps(steps=20)

    def write() -> None:
        for _ in range(10):
            ChangeLog().write_checkpoint(view)
        connections.close_all()

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    run = delete_before(LATER, batch=1, batches=100)
    for thread in threads:
        thread.join(60)
    assert run == Run(changes=16, observations=0, finished=True)
    assert load("roses") == view


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sync", "sync", "sync", "sync", "clear", "checkpoint", "delete"]),
        st.integers(0, 12),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.integers(0, 9), st.integers(1, 4))
def test_whatever_the_history_the_store_is_the_same_and_what_must_stay_is_there(
    kept: int, steps: list[tuple[str, int, int]], before: int, batch: int
) -> None:
    Account.objects.all().delete()
    view = write_history("roses")
    for what, upto, day in steps:
        if what == "sync":
            messages = [a_message(number) for number in range(upto)]
            view = write_history("roses", {"messages": messages}, now=NOW + day * DAY_MS)
        elif what == "clear":
            clear("roses")
        elif what == "checkpoint":
            ChangeLog().write_checkpoint(load("roses"))
        else:
            delete_before(NOW + day * DAY_MS, batch=batch)
    view, held = load("roses"), set(versions())
    must_stay = set(Change.objects.filter(at__gte=NOW + before * DAY_MS).values_list("version", flat=True))
    must_stay |= set(Change.objects.filter(seq_to__gt=view.seq - kept).values_list("version", flat=True))
    delete_before(NOW + before * DAY_MS, batch=batch)
    left = set(versions())
    assert load("roses") == view
    assert must_stay <= left
    assert left == {version for version in held if version >= min(left, default=0)} or not left


def look(end: int, surface: str = "messages", canary: str = "ok") -> None:
    Observation.objects.create(
        account_id="roses", surface=surface, entry="", canary=canary, complete=True, start=end - 1, end=end
    )


def test_old_looks_go_but_the_newest_of_each_surface_and_outcome_stays() -> None:
    Account.objects.create(pk="roses", name="Roses")
    for end in (1, 2, 3):
        look(end)
    look(2, canary="failed")
    look(5, surface="comments")
    look(NOW, surface="comments")
    assert delete_before(NOW - 1, batch=1) == Run(changes=0, observations=3, finished=True)
    left = Observation.objects.order_by("surface", "canary").values_list("surface", "canary", "end")
    assert list(left) == [("comments", "ok", NOW), ("messages", "failed", 2), ("messages", "ok", 3)]


@pytest.mark.parametrize(("days", "deleted"), [(0, 0), (6, 6), (7, 0)])
def test_the_setting_says_how_many_days_stay_and_0_keeps_everything(
    kept: int, settings: Any, days: int, deleted: int
) -> None:
    settings.RETENTION_DAYS = days
    write_steps()
    assert apply_retention(NOW + 7 * DAY_MS, new_view).changes == deleted
    assert len(versions()) == 10 - deleted


@pytest.mark.django_db(transaction=True)
def test_a_running_hub_does_it_by_itself_and_goes_on_writing(kept: int, settings: Any) -> None:
    settings.RETENTION_DAYS = 1
    view = write_steps()
    with running_hub() as hub:
        eventually(lambda: len(versions()) == 4, "the old rows are gone", 30)
        assert hub.store.get_view("roses") == view
        hub.clear_account("roses", Actor("test"))
        assert versions() == [11]


@pytest.mark.parametrize("value", ["-1", "1e9"])
def test_a_value_that_is_no_number_of_days_stops_the_start_with_its_name(tmp_path: Path, value: str) -> None:
    result = run_manage(tmp_path, "check", IMHUB_RETENTION_DAYS=value)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("IMHUB_RETENTION_DAYS: ")
    assert result.stderr.count("\n") == 1


async def test_of_several_hubs_one_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, deleted = [False, False, True], asyncio.Event()

    def apply(*_: object) -> Run:
        assert asked == []
        deleted.set()
        return Run(0, 0, finished=True)

    monkeypatch.setattr(retention, "LOOK_S", 0)
    monkeypatch.setattr(retention, "apply_retention", apply)
    keeping = asyncio.create_task(keep_short(lambda: NOW, new_view, lambda: asked.pop(0)))
    await asyncio.wait_for(deleted.wait(), 30)
    keeping.cancel()
