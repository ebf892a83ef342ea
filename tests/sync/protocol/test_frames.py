"""A frame that is not understood is refused with a code, where and why."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from sync.protocol.frames import FrameError, decode_from_hub, decode_from_worker, encode_frame
from sync.protocol.messages import DataSync, ProtocolError, SessionReport, Snapshot

FETCH: dict[str, Any] = {
    "type": "worker:data:fetch",
    "version": "v1",
    "timestamp": 1,
    "payload": {"accountId": "acc"},
    "requestId": "r1",
}


def text(**changes: Any) -> str:
    frame = {key: value for key, value in {**FETCH, **changes}.items() if value is not ...}
    return msgspec.json.encode(frame).decode()


def refusal(frame: str | bytes) -> FrameError:
    with pytest.raises(FrameError) as caught:
        decode_from_worker(frame)
    return caught.value


def sync_with(**fields: Any) -> str:
    payload = {"accountId": "acc", "platform": "p", "timestamp": 1, "snapshot": {"platform": "p", "data": {}}, **fields}
    return text(type="worker:data:sync", payload=payload)


@pytest.mark.parametrize("frame", ["", "{", '{"a": 1,}', "\ufeff{}", "nul", '{"type": "x"', "\ud800"])
def test_a_text_that_is_no_json_is_bad_json(frame: str) -> None:
    error = refusal(frame)
    assert error.code == "bad_json"
    assert error.answer()[0] == "protocol:error"


HALVES = [{"id": "msg_acc_1", "senderName": "小\ud800鱼"}, {"id": "msg_acc_2", "content": "good \\ud800 😀"}]


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_half_a_surrogate_pair_costs_one_character_and_not_the_frame(ensure_ascii: bool) -> None:
    payload = msgspec.json.decode(sync_with())["payload"] | {
        "snapshot": {"platform": "p", "data": {"messages": HALVES}}
    }
    frame = json.dumps({**FETCH, "type": "worker:data:sync", "payload": payload}, ensure_ascii=ensure_ascii)
    message = decode_from_worker(frame).message
    assert isinstance(message, DataSync)
    assert msgspec.json.decode(message.snapshot.data["messages"]) == [
        {"id": "msg_acc_1", "senderName": "小\ufffd鱼"},
        {"id": "msg_acc_2", "content": "good \\ud800 😀"},
    ]


def test_a_session_with_half_a_surrogate_pair_leaves_the_worker() -> None:
    state = {"cookies": [], "origins": [{"localStorage": [{"name": "nick", "value": "小\ud800鱼"}]}]}
    frame = encode_frame(SessionReport(account_id="acc", storage_state=state), timestamp=1)
    message = decode_from_worker(frame).message
    assert isinstance(message, SessionReport)
    assert message.storage_state["origins"] == [{"localStorage": [{"name": "nick", "value": "小\ufffd鱼"}]}]


def test_a_snapshot_leaves_the_worker_whatever_stands_beside_its_items() -> None:
    raw = Raw(msgspec.json.encode(HALVES[1:]))
    sync = DataSync(
        account_id="acc", platform="\ud800", timestamp=1, snapshot=Snapshot(platform="p", data={"messages": raw})
    )
    message = decode_from_worker(encode_frame(sync, timestamp=1)).message
    assert isinstance(message, DataSync)
    assert (message.platform, message.snapshot.data["messages"]) == ("\ufffd", raw)


def test_broken_utf_8_is_bad_json_in_the_frame_and_a_bad_payload_in_the_payload() -> None:
    whole = text().encode()
    assert refusal(whole.replace(b"worker:data", b"worker:\xff")).code == "bad_json"
    error = refusal(whole.replace(b'"acc"', b'"\xff"'))
    assert (error.code, error.type, error.request_id) == ("bad_payload", "worker:data:fetch", "r1")


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        ("[]", "Expected `object`, got `array`"),
        ("1", "Expected `object`, got `int`"),
        (text(type=...), "missing required field `type`"),
        (text(version=...), "missing required field `version`"),
        (text(timestamp=...), "missing required field `timestamp`"),
        (text(payload=...), "missing required field `payload`"),
        (text(type=7), "$.type"),
        (text(timestamp="1"), "$.timestamp"),
        (text(timestamp=1.5), "$.timestamp"),
        (text(timestamp=-1), "$.timestamp"),
        (text(timestamp=10**30), "$.timestamp"),
        (text(requestId=5), "$.requestId"),
    ],
)
def test_a_frame_of_another_shape_is_a_bad_frame(frame: str, place: str) -> None:
    error = refusal(frame)
    assert error.code == "bad_frame"
    assert place in error.message


def test_a_refusal_names_type_and_request_as_far_as_they_can_be_read() -> None:
    error = refusal(text(timestamp=None))
    assert (error.type, error.request_id) == ("worker:data:fetch", "r1")
    type_, payload = error.answer()
    assert type_ == "worker:data:fetch:error"
    assert (payload.success, payload.error_code) == (False, "bad_frame")
    assert refusal(text(type=None)).answer()[0] == "protocol:error"


def test_another_version_is_refused_before_the_type_is_looked_at() -> None:
    error = refusal(text(version="v2", type="worker:new:thing"))
    assert (error.code, error.request_id) == ("wrong_version", "r1")
    assert "'v2'" in error.message


@pytest.mark.parametrize("type_", ["worker:data:fetched", "master:task:assign", "worker:register:ack", ""])
def test_a_type_that_is_not_for_this_side_is_unknown(type_: str) -> None:
    assert refusal(text(type=type_)).code == "unknown_type"


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        (text(payload={}), "missing required field `accountId`"),
        (text(payload=None), "Expected `object`, got `null`"),
        (text(payload={"accountId": 5}), "$.accountId"),
        (text(payload={"accountId": ""}), "$.accountId"),
        (text(payload={"accountId": "a" * 256}), "$.accountId"),
        (sync_with(timestamp=10**19), "$.timestamp"),
        (sync_with(snapshot={"platform": "p", "data": []}), "$.snapshot.data"),
        (sync_with(snapshot=[]), "$.snapshot"),
        (sync_with(part={"sync_id": "s", "index": -1, "total": 2}), "$.part.index"),
        (sync_with(part={"sync_id": "s", "index": 0, "total": 0}), "$.part.total"),
        (sync_with(part={"sync_id": "s", "index": 0, "total": 10**9}), "$.part.total"),
        (text(type="worker:account:status", payload={"account_statuses": {}}), "Expected `array`"),
        (text(type="worker:data:delta", payload={"accountId": "a", "platform": "p", "upserts": []}), "$.upserts"),
        (text(type="worker:register", payload={"worker_id": "w", "max_accounts": -1}), "$.max_accounts"),
    ],
)
def test_a_payload_of_the_wrong_shape_is_refused_with_the_place_of_the_fault(frame: str, place: str) -> None:
    error = refusal(frame)
    assert error.code == "bad_payload"
    assert place in error.message


@pytest.mark.parametrize("frame", ['{"payload":' * 100_000, text().replace('"acc"', "[" * 50_000)])
def test_a_frame_that_opens_without_end_is_bad_json(frame: str) -> None:
    assert refusal(frame).code == "bad_json"


@pytest.mark.parametrize("key", ["x", "accountId"])
def test_a_payload_nested_too_deeply_is_refused(key: str) -> None:
    deep = "[" * 50_000 + "]" * 50_000
    frame = text(payload={key: "HERE"}).replace('"HERE"', deep)
    error = refusal(frame)
    assert error.code in ("bad_json", "bad_payload")
    assert error.message == "nested too deeply"


def test_unknown_keys_are_passed_over() -> None:
    decoded = decode_from_worker(text(payload={"accountId": "acc", "later": True}, extra=1))
    assert decoded.request_id == "r1"


def test_an_error_frame_of_any_type_is_understood_at_both_ends() -> None:
    payload = ProtocolError(success=False, error_code="bad_json", error_message="x")
    frame = encode_frame(payload, timestamp=1, type="worker:data:sync:error")
    assert decode_from_hub(frame).message == payload
    assert decode_from_worker(frame).message == payload


def test_the_answer_to_a_refused_frame_is_a_frame() -> None:
    type_, payload = refusal(text(payload={})).answer()
    decoded = decode_from_hub(encode_frame(payload, timestamp=5, request_id="r1", type=type_))
    assert decoded.message == payload
    assert payload.error_code == "bad_payload"
