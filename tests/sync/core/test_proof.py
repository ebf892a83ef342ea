"""Any history of changes: each view equals a rebuild, the naive model and the replayed log; events tell all of it."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.change.apply import Applied
from sync.core.change.changes import Cleared, OwnerChanged, Reported, RulesChanged
from sync.core.change.delta import as_delta, decode_delta, encode_delta
from sync.core.stored.image import decode_image, encode_image
from tests.sync.builders import DAY, MINUTE, START, Account, a_new_account, a_view
from tests.sync.core.model import picture
from tests.sync.core.model.account import Model
from tests.sync.core.model.history import lowered
from tests.sync.core.model.operators import operate
from tests.sync.core.model.strategies import STEPS, Seen

CLOCK_IS_AHEAD = st.sampled_from([(0, 0), (0, 0), (1, 2 * DAY), (2, 30 * DAY), (3, 10 * MINUTE)])
"""For so many steps, by so much."""


def time_of(number: int, ahead: tuple[int, int]) -> int:
    """The hub's clock at a step."""
    return START + number * 20 * MINUTE + (ahead[1] if number < ahead[0] else 0)


def take(account: Account, model: Model, step: Any, now: int) -> Applied:
    with lowered(model, now):
        return take_at_once(account, model, step, now)


def take_at_once(account: Account, model: Model, step: Any, now: int) -> Applied:
    if isinstance(step, Seen):
        model.sync(*step, now)
        return account.sync(at=now, partial=step.partial, removed=step.removed, cleared=step.cleared, **step.lists)
    if isinstance(step, Reported):
        model.version += account.view.report != step.report
        return account.apply(step, now)
    if isinstance(step, OwnerChanged):
        model.version += model.owner_at != step.at
        model.owner_at = step.at
        return account.apply(step, now)
    if isinstance(step, RulesChanged):
        model.version += model.rules != step.rules
        model.rules = step.rules
        return account.apply(step, now)
    if step == "clear":
        model.clear()
        return account.apply(Cleared(epoch=f"e{now}"), now)
    operate(model, step, now)
    return account.apply(step, now)


def rebuilt(view: View) -> View:
    body = decode_delta(encode_delta(as_delta(view)))
    return advance(a_view(), body, version=view.version, seq=view.seq, at=view.changed_at or 0)


def kept(view: View) -> View:
    """As a checkpoint keeps it: its own indexes, not made anew."""
    data = encode_image(view, b"this code")
    again = decode_image(data).view("acc", version=view.version, seq=view.seq, at=view.changed_at or 0)
    assert encode_image(again, b"this code") == data
    return again


def replayed(account: Account) -> View:
    view = a_view()
    for row in account.rows:
        assert row.version == view.version + 1
        assert row.seq_from == view.seq + 1
        assert row.seq_to - row.seq_from + 1 == len(row.body.events)
        body = decode_delta(encode_delta(row.body))
        view = advance(view, body, version=row.version, seq=row.seq_to, at=row.at)
    return view


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, CLOCK_IS_AHEAD)
def test_every_view_equals_a_rebuild_the_naive_model_and_the_replayed_log(
    steps: list[Any], ahead: tuple[int, int]
) -> None:
    account, model = a_new_account(), Model()
    taken: list[tuple[View, Any]] = []
    for number, step in enumerate(steps):
        take(account, model, step, time_of(number, ahead))
        view = account.view
        note(f"after {step}")
        assert picture.of_view(view) == picture.of_model(model)
        if view.version:
            assert rebuilt(view) == view
            assert kept(view) == view
        taken.append((view, picture.of_view(view)))
    assert replayed(account) == account.view
    for view, as_it_was in taken:
        assert picture.of_view(view) == as_it_was


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, CLOCK_IS_AHEAD)
def test_events_name_what_clients_see_change_and_nothing_else_comes_or_goes(
    steps: list[Any], ahead: tuple[int, int]
) -> None:
    account, model = a_new_account(), Model()
    for number, step in enumerate(steps):
        before, badges_before, started = picture.shown(model), picture.badges(model), model.started_at
        rows_before = picture.rows(account.view)
        applied = take(account, model, step, time_of(number, ahead))
        after, rows_after = picture.shown(model), picture.rows(account.view)
        events = list(applied.row.body.events) if applied.row is not None else []
        note(f"after {step}: {events}")
        assert len(set(events)) == len(events)
        kinds = [event.kind for event in events]
        if step == "clear" or started != model.started_at:
            assert kinds == ["reset"]
            continue
        changed_rows = {i for i in {*rows_before, *rows_after} if rows_before.get(i) != rows_after.get(i)}
        assert {event.id for event in events if event.kind == "thread.updated"} == changed_rows
        told = {end: named(events, end) for end in ("created", "updated", "removed")}
        assert told["created"] == after.keys() - before.keys()
        assert told["removed"] == before.keys() - after.keys()
        both = before.keys() & after.keys()
        assert told["updated"] <= both
        assert {key for key in both if before[key] != after[key]} <= told["updated"]
        assert ("unread.changed" in kinds) == (badges_before != picture.badges(model))


def named(events: list[Any], end: str) -> set[tuple[str, str]]:
    """But for the rows of an inbox, which are made of others."""
    pairs = [(*event.kind.split("."), event.id) for event in events if event.id and event.kind != "thread.updated"]
    return {(noun, item_id) for noun, what, item_id in pairs if what == end}
