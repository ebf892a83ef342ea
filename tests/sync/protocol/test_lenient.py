"""A fault beside the items of a message costs the entry in which it stands, and is named."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.frames import FrameError, decode_from_hub, decode_from_worker, encode_frame
from sync.protocol.items import COLLECTIONS
from sync.protocol.messages import MAX_WARNINGS, AccountStatuses, AccountStatusesAck, DataDelta, DataSync
from tests.sync.protocol.test_frames import sync_with, text

A_LOOK: Final = {"surface": "messages", "entry": "chat", "from": 1, "to": 2}
A_REPORT: Final = {"account_id": "acc", "worker_status": "crawling"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
not_text = json_values.filter(lambda value: not isinstance(value, str))


def snapshot_with(**fields: Any) -> str:
    data = {"messages": [{"id": "msg_acc_1"}]}
    return sync_with(snapshot={"platform": "p", "data": data, **fields})


def delta_with(**fields: Any) -> str:
    return text(type="worker:data:delta", payload={"accountId": "acc", "platform": "p", **fields})


def statuses(*reports: Any) -> str:
    return text(type="worker:account:status", payload={"account_statuses": list(reports)})


def decoded_sync(frame: str) -> tuple[DataSync, list[tuple[str, str, int | None]]]:
    decoded = decode_from_worker(frame)
    assert isinstance(decoded.message, DataSync)
    return decoded.message, [(w.code, w.collection, w.index) for w in decoded.warnings]


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ({**A_LOOK, "surface": "moon"}, "observed: Invalid enum value 'moon' - at `$.surface`"),
        ({**A_LOOK, "to": 10**30}, "observed: "),
        ({**A_LOOK, "items": -1}, "$.items"),
        ("messages", "observed: Expected `object`, got `str`"),
        (None, "observed: Expected `object`, got `null`"),
    ],
)
def test_an_observation_that_cannot_be_read_leaves_the_others_and_the_items(look: Any, reason: str) -> None:
    decoded = decode_from_worker(sync_with(observed=[A_LOOK, look, A_LOOK]))
    assert isinstance(decoded.message, DataSync)
    assert [one.surface for one in decoded.message.observed] == ["messages", "messages"]
    [warning] = decoded.warnings
    assert (warning.code, warning.collection, warning.index, warning.id) == ("bad_item", "observed", 1, None)
    assert reason in warning.message


def test_removed_ids_and_collections_are_read_one_by_one() -> None:
    message, warnings = decoded_sync(
        snapshot_with(removed={"messages": ["1", 2, "3"], "stories": ["4"], "comments": "5", "contents": ["6"]})
    )
    assert message.snapshot.removed == {"messages": ["1", "3"], "comments": [], "contents": ["6"]}
    assert warnings == [
        ("bad_item", "messages", 1),
        ("unknown_key", "stories", None),
        ("bad_item", "comments", None),
    ]
    assert bytes(message.snapshot.data["messages"]) == b'[{"id":"msg_acc_1"}]'


def test_a_delta_is_read_in_the_same_way() -> None:
    decoded = decode_from_worker(delta_with(removals={"messages": [None, "1"]}, observed=[A_LOOK, 0]))
    assert isinstance(decoded.message, DataDelta)
    assert decoded.message.removals == {"messages": ["1"]}
    assert len(decoded.message.observed) == 1
    assert [(w.collection, w.index) for w in decoded.warnings] == [("messages", 0), ("observed", 1)]


@pytest.mark.parametrize("partial", ["messages", {"messages": True}, ["mesages"], [5], [["messages"]]])
def test_where_it_is_in_doubt_which_list_is_partial_nothing_that_is_missing_is_gone(partial: Any) -> None:
    message, warnings = decoded_sync(snapshot_with(partial=partial))
    assert message.snapshot.partial == list(COLLECTIONS)
    assert len(warnings) == 1


def test_a_collection_that_only_a_newer_worker_knows_puts_the_others_in_no_doubt() -> None:
    frame = snapshot_with(data={"messages": [], "stories": []}, partial=["messages", "stories"])
    message, warnings = decoded_sync(frame)
    assert message.snapshot.partial == ["messages"]
    assert warnings == [("unknown_key", "stories", None)]


def test_nothing_is_cleared_that_is_not_named() -> None:
    message, warnings = decoded_sync(snapshot_with(cleared=["messages", "all", 1]))
    assert message.snapshot.cleared == ["messages"]
    assert sorted(code for code, _, _ in warnings) == ["bad_item", "unknown_key"]


def test_null_is_an_empty_list() -> None:
    message, warnings = decoded_sync(snapshot_with(partial=None, removed=None, cleared=None))
    assert (message.snapshot.partial, message.snapshot.removed, message.snapshot.cleared) == ([], {}, [])
    assert warnings == []


def test_of_very_many_faults_a_few_are_kept_and_the_rest_counted() -> None:
    warnings = decode_from_worker(sync_with(observed=[0] * 10_000)).warnings
    assert len(warnings) == MAX_WARNINGS
    assert warnings[-1].message.endswith("; 9900 more faults")


@given(
    st.lists(st.tuples(st.booleans(), json_values), max_size=6),
    st.lists(st.one_of(st.text(max_size=5), not_text), max_size=6),
)
def test_whatever_stands_beside_the_items_costs_at_most_itself(looks: Any, ids: list[Any]) -> None:
    observed = [A_LOOK if good else value for good, value in looks]
    frame = sync_with(
        snapshot={"platform": "p", "data": {"messages": [1]}, "removed": {"messages": ids}}, observed=observed
    )
    message, warnings = decoded_sync(frame)
    assert bytes(message.snapshot.data["messages"]) == b"[1]"
    assert message.snapshot.removed == {"messages": [one for one in ids if isinstance(one, str)]}
    assert len(message.observed) >= sum(good for good, _ in looks)
    assert {index for _, name, index in warnings if name == "messages"} == {
        index for index, one in enumerate(ids) if not isinstance(one, str)
    }
    assert len(message.observed) + sum(name == "observed" for _, name, _ in warnings) == len(observed)


@given(json_values, json_values, json_values, json_values)
def test_no_list_beside_the_items_refuses_the_frame(observed: Any, partial: Any, removed: Any, cleared: Any) -> None:
    snapshot = {"platform": "p", "data": {}, "partial": partial, "removed": removed, "cleared": cleared}
    message, _ = decoded_sync(sync_with(snapshot=snapshot, observed=observed))
    assert message.account_id == "acc"
    again = decode_from_worker(encode_frame(message, timestamp=1))
    assert (again.message, again.warnings) == (message, ())


@given(st.lists(st.tuples(st.booleans(), json_values), max_size=6))
def test_whatever_a_report_is_the_others_are_read(reports: list[tuple[bool, Any]]) -> None:
    decoded = decode_from_worker(statuses(*(A_REPORT if good else value for good, value in reports)))
    assert isinstance(decoded.message, AccountStatuses)
    assert len(decoded.message.account_statuses) + len(decoded.warnings) == len(reports)
    assert {w.index for w in decoded.warnings} == {index for index, (good, _) in enumerate(reports) if not good}


def test_the_account_of_a_broken_report_is_named_as_far_as_it_can_be_read() -> None:
    broken = [{**A_REPORT, "counts": {"messages": -1}}, {"account_id": 5}, {"account_id": "x" * 300}, []]
    assert [w.id for w in decode_from_worker(statuses(*broken)).warnings] == ["acc", None, "x" * 255, None]


def test_entries_nested_too_deeply_refuse_the_frame() -> None:
    frame = sync_with(observed=["HERE"]).replace('"HERE"', "[" * 50_000 + "]" * 50_000)
    with pytest.raises(FrameError, match="nested too deeply"):
        decode_from_worker(frame)


def test_an_answer_of_an_older_hub_has_no_warnings() -> None:
    frame = msgspec.json.decode(encode_frame(AccountStatusesAck(success=True), timestamp=1))
    del frame["payload"]["warnings"]
    message = decode_from_hub(msgspec.json.encode(frame)).message
    assert isinstance(message, AccountStatusesAck)
    assert message.warnings == []
