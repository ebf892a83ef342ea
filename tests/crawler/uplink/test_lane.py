"""The way of one account to the hub, in full and in deltas: whatever is lost, the hub comes to hold the same."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.account.data_manager import AccountDataManager
from crawler.platforms.base import SurfaceObservation
from crawler.uplink.lane import Lane
from crawler.uplink.snapshot import AccountSnapshot, make_messages
from sync.core.account.view import View
from sync.core.change.apply import apply
from sync.core.change.changes import Cleared
from sync.core.change.snapshot_validation import InvalidSnapshot, validate_delta, validate_snapshot
from sync.protocol.frames import decode_from_worker, encode_frame
from sync.protocol.items import COLLECTIONS, Item
from sync.protocol.messages import Ack, DataDelta, DataSync, DataSyncAck, ProtocolError, SyncWarning, WireMessage
from sync.protocol.snapshot_parts import join
from sync.store import DataStore
from tests.crawler.builders import (
    ACCOUNT,
    NOW,
    a_comment,
    a_content,
    a_conversation,
    a_message,
    a_wire_observation,
    an_observation,
    clock,
)

FRAME = 30_000


class CoreHub:
    """The hub's own core behind a wire, without socket and database. `takes_deltas`: an older one does not."""

    def __init__(self) -> None:
        self.view: View = DataStore().get_view(ACCOUNT)
        self.takes_deltas = True

    def take(self, messages: Sequence[WireMessage]) -> Ack:
        sent = [decode_from_worker(encode_frame(message, timestamp=NOW)).message for message in messages]
        try:
            return self._apply(sent)
        except InvalidSnapshot as error:
            return DataSyncAck(success=False, error_code=error.code)

    def _apply(self, sent: Sequence[WireMessage]) -> Ack:
        [first, *_] = sent
        if isinstance(first, DataDelta):
            if not self.takes_deltas and (first.upserts or first.removals):
                return ProtocolError(success=False, error_code="unknown_type")
            made = validate_delta(self.view, first, NOW)
        else:
            parts = [message for message in sent if isinstance(message, DataSync)]
            made = validate_snapshot(self.view, join(parts).snapshot, NOW)
        applied = apply(self.view, made.change, NOW)
        self.view = applied.view
        warnings = made.warnings + applied.warnings
        return DataSyncAck(
            success=True, version=self.view.version, warnings=warnings[:100], warnings_total=len(warnings)
        )

    def clear(self) -> None:
        self.view = apply(self.view, Cleared(epoch="e"), NOW).view

    def items(self) -> dict[str, dict[str, Item]]:
        return {name: {i: entry.item for i, entry in self.view.entries(name).items()} for name in COLLECTIONS}


class Outbox(list[AccountSnapshot]):
    def push_data_sync(self, snapshot: AccountSnapshot) -> None:
        self.append(snapshot)


def a_manager(outbox: Outbox) -> AccountDataManager:
    manager = AccountDataManager(ACCOUNT, "fake", outbox, clock)
    manager.restore([])
    return manager


class Journey:
    """A worker's manager and lane before a hub, and another hub that gets everything in full and loses nothing."""

    def __init__(self, *, deltas: bool) -> None:
        self.hub, self.plain = CoreHub(), CoreHub()
        self.lane = Lane(deltas=deltas)
        self.outbox = Outbox()
        self.manager = a_manager(self.outbox)
        self.connection = 1
        self.sent: list[Sequence[WireMessage]] = []

    def push(self, *, full: bool = False) -> None:
        self.manager.sync_to_master(full=full)
        snapshot = self.outbox.pop()
        self.lane.put(snapshot)
        if snapshot.items is not None:
            self.plain.take(make_messages(snapshot, NOW, FRAME, "plain"))

    def send(self, fate: str) -> None:
        if self.lane.waiting is None:
            return
        messages = self.lane.take(self.connection, NOW, FRAME)
        self.sent.append(messages)
        ack: Ack = DataSyncAck(success=False, error_code="busy") if fate == "busy" else DataSyncAck(success=False)
        if fate in ("arrives", "arrives twice", "ack lost"):
            ack = self.hub.take(messages)
        if fate == "arrives twice":
            ack = self.hub.take(messages)
        if fate in ("lost", "ack lost"):
            self.lane.give_back()
            self.connection += 1
        elif ack.success:
            self.lane.succeed(ack)
        elif not self.lane.retry_in_full(ack):
            assert ack.error_code == "busy"
            self.lane.give_back()

    def arrive(self) -> None:
        """Everything that waits comes to the hub, and is answered."""
        while self.lane.waiting is not None:
            self.send("arrives")


numbers = st.lists(st.integers(0, 6), max_size=5)
ENDED = st.sampled_from([frozenset[Any](), frozenset(["contents"]), frozenset(["conversations", "messages"])])


def _look(works: list[int], talks: list[int], said: list[int], words: str, ended: frozenset[Any]) -> SurfaceObservation:
    lists: dict[Any, Any] = {
        "contents": [a_content(n, title=words, like_count=n) for n in works],
        "conversations": [a_conversation(n, user_id=f"fan{n}", user_name=words) for n in talks],
        "messages": [a_message(n, conversation_id=f"c{n}", content=words, direction="inbound") for n in said],
        "comments": [a_comment(n, content_id=f"w{n}", content=words) for n in works],
    }
    return an_observation(items=lists, ended=ended)


looks = st.builds(_look, numbers, numbers, numbers, st.sampled_from(["a", "b", "很长" * 2_000]), ENDED)
FATES = ["arrives", "arrives", "arrives", "arrives twice", "lost", "ack lost", "busy"]
steps = st.one_of(
    st.tuples(st.just("look"), looks),
    st.tuples(st.just("push"), st.sampled_from([False, False, False, True])),
    st.tuples(st.just("send"), st.sampled_from(FATES)),
    st.tuples(st.just("clear"), st.none()),
    st.tuples(st.just("hub"), st.booleans()),
    st.tuples(st.just("reconnect"), st.none()),
)


def travel(journey: Journey, step: tuple[str, Any]) -> None:
    what, value = step
    if what == "look":
        journey.manager.apply_observation(value)
    elif what == "push":
        journey.push(full=value)
    elif what == "send":
        journey.send(value)
    elif what == "clear":
        journey.arrive()
        journey.hub.clear()
        journey.plain.clear()
    elif what == "hub":
        journey.hub.takes_deltas = value
        journey.connection += 1
    else:
        journey.connection += 1


def check_deltas_are_full_snapshots(deltas: bool, course: Sequence[tuple[str, Any]]) -> None:
    journey = Journey(deltas=deltas)
    for step in course:
        travel(journey, step)
        if journey.lane.waiting is None:
            assert journey.hub.items() == journey.plain.items()
    journey.arrive()
    assert journey.hub.items() == journey.plain.items()


@given(st.booleans(), st.lists(steps, min_size=8, max_size=30))
@settings(max_examples=60)
def test_deltas_lead_to_what_full_snapshots_lead_to_whatever_happens_on_the_way(
    deltas: bool, course: list[tuple[str, Any]]
) -> None:
    check_deltas_are_full_snapshots(deltas, course)


@pytest.mark.soak
@given(st.booleans(), st.lists(steps, min_size=20, max_size=80))
@settings(max_examples=5_000)
def test_deltas_lead_to_what_full_snapshots_lead_to_in_the_long_run(
    deltas: bool, course: list[tuple[str, Any]]
) -> None:
    check_deltas_are_full_snapshots(deltas, course)


def a_journey(*messages: int, **options: bool) -> Journey:
    """The hub has these messages, and their list was seen to its end."""
    journey = Journey(**({"deltas": True} | options))
    journey.manager.apply_observation(
        an_observation(items={"messages": [a_message(n) for n in messages]}, ended=frozenset(["messages"]))
    )
    journey.push()
    journey.arrive()
    return journey


def last_delta(journey: Journey) -> DataDelta:
    [delta] = journey.sent[-1]
    assert isinstance(delta, DataDelta)
    return delta


def is_full(journey: Journey) -> bool:
    return isinstance(journey.sent[-1][0], DataSync)


def ids_of(delta: DataDelta) -> dict[str, list[str]]:
    return {name: [item["messageId"] for item in msgspec.json.decode(raw)] for name, raw in delta.upserts.items()}


def observe(journey: Journey, *messages: int, **more: Any) -> None:
    """Messages whose list was seen to its end."""
    held = [a_message(n, **more) for n in messages]
    journey.manager.apply_observation(an_observation(items={"messages": held}, ended=frozenset(["messages"])))


def test_after_an_acknowledged_snapshot_only_what_changed_goes() -> None:
    journey = a_journey(*range(5))
    observe(journey, *range(1, 7))
    journey.push()
    journey.arrive()
    delta = last_delta(journey)
    assert ids_of(delta) == {"messages": ["m5", "m6"]}
    assert delta.removals == {"messages": [a_message(0).id]}
    assert delta.base_version == 1
    assert len(delta.observed) == 1
    assert journey.hub.items() == journey.plain.items()


def test_what_was_lost_with_an_unanswered_delta_goes_with_the_next_one() -> None:
    journey = a_journey(1)
    for message in (2, 3):
        journey.manager.apply_observation(an_observation(items={"messages": [a_message(message)]}))
        journey.push()
        journey.send("busy")
    journey.arrive()
    assert ids_of(last_delta(journey)) == {"messages": ["m2", "m3"]}


def test_another_connection_begins_with_a_full_snapshot() -> None:
    journey = a_journey(1)
    journey.connection += 1
    observe(journey, 1, 2)
    journey.push()
    journey.arrive()
    assert is_full(journey)


def test_a_snapshot_that_is_due_goes_in_full() -> None:
    journey = a_journey(1)
    journey.push(full=True)
    journey.arrive()
    assert is_full(journey)


def test_a_delta_that_the_hub_refuses_is_followed_by_a_full_snapshot_and_then_by_deltas() -> None:
    journey = a_journey(1)
    journey.hub.clear()
    observe(journey, 1, 2)
    journey.push()
    journey.send("arrives")
    assert journey.lane.waiting is not None
    journey.send("arrives")
    assert is_full(journey)
    assert set(journey.hub.items()["messages"]) == {a_message(1).id, a_message(2).id}
    observe(journey, 1, 2, 3)
    journey.push()
    journey.arrive()
    assert ids_of(last_delta(journey)) == {"messages": ["m3"]}


def test_a_hub_that_does_not_know_deltas_gets_full_snapshots_until_the_next_connection() -> None:
    journey = a_journey(1)
    journey.hub.takes_deltas = False
    for messages in ((1, 2), (1, 2, 3), (1, 2, 3, 4)):
        observe(journey, *messages)
        journey.push()
        journey.arrive()
    assert [isinstance(sent[0], DataDelta) for sent in journey.sent] == [False, True, False, False, False]
    assert journey.hub.items() == journey.plain.items()


def test_many_items_that_are_gone_at_once_need_a_full_snapshot_so_that_the_hub_s_alarm_sees_them() -> None:
    journey = a_journey(*range(50))
    observe(journey, *range(10))
    journey.push()
    journey.arrive()
    assert is_full(journey)


def test_a_list_seen_to_its_end_for_the_first_time_needs_a_full_snapshot() -> None:
    journey = Journey(deltas=True)
    for ended in (frozenset[Any](), frozenset[Any](["messages"])):
        journey.manager.apply_observation(an_observation(items={"messages": [a_message(1)]}, ended=ended))
        journey.push()
        journey.arrive()
        assert is_full(journey)


def test_changes_above_the_frame_limit_go_as_a_full_snapshot_in_parts() -> None:
    journey = a_journey(1)
    observe(journey, *range(60), content="x" * 900)
    journey.push()
    journey.arrive()
    assert is_full(journey)
    assert len(journey.sent[-1]) > 1
    assert journey.hub.items() == journey.plain.items()


def test_an_item_that_the_hub_did_not_accept_goes_again_with_every_delta() -> None:
    journey = Journey(deltas=True)
    observe(journey, 1, 2)
    journey.push()
    journey.lane.take(1, NOW, FRAME)
    bad = SyncWarning(code="bad_item", collection="messages", index=0, id=a_message(1).id)
    journey.lane.succeed(DataSyncAck(success=True, version=1, warnings=[bad], warnings_total=1))
    observe(journey, 1, 2, 3)
    journey.push()
    [delta] = journey.lane.take(1, NOW, FRAME)
    assert isinstance(delta, DataDelta)
    assert ids_of(delta) == {"messages": ["m1", "m3"]}


@pytest.mark.parametrize(
    "ack",
    [
        DataSyncAck(success=True),
        DataSyncAck(success=True, version=1, warnings_total=101),
        DataSyncAck(
            success=True, version=1, warnings=[SyncWarning(code="bad_item", collection="messages")], warnings_total=1
        ),
    ],
)
def test_an_ack_that_does_not_tell_what_was_taken_is_followed_by_a_full_snapshot(ack: DataSyncAck) -> None:
    journey = Journey(deltas=True)
    observe(journey, 1)
    journey.push()
    journey.lane.take(1, NOW, FRAME)
    journey.lane.succeed(ack)
    observe(journey, 1, 2)
    journey.push()
    assert isinstance(journey.lane.take(1, NOW, FRAME)[0], DataSync)


def test_a_sign_of_life_stays_an_empty_delta_without_a_base() -> None:
    journey = a_journey(1)
    journey.manager.record(a_wire_observation())
    journey.push()
    journey.arrive()
    assert last_delta(journey) == DataDelta(account_id=ACCOUNT, platform="fake", observed=[a_wire_observation()])
