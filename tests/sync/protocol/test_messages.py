"""Every message survives the wire, and every key on it is the contract's."""

from typing import Any

import msgspec
import pytest

from sync.protocol import login_messages as logins
from sync.protocol import message_tables as tables
from sync.protocol import messages as m
from sync.protocol import reply_messages as replies
from sync.protocol.frames import decode_from_hub, decode_from_worker, encode_frame
from tests.sync.builders import a_message, a_snapshot

LOOK = m.WireObservation(
    surface="messages", entry="chat", start=1, end=2, complete=True, items=3, canary="page_changed"
)
PART = m.SnapshotPart(sync_id="s1", index=0, total=2)
SNAPSHOT = a_snapshot(
    messages=[a_message("1")], partial=["messages"], removed={"comments": ["c1"]}, cleared=["notifications"]
)
ACCOUNT = m.AssignedAccount(
    account_id="acc",
    platform="douyin",
    name="店铺",
    platform_user_id="7",
    lease_epoch=3,
    config={"pace": 2},
    storage_state={"cookies": [{"name": "a", "value": "b"}]},
)
QR = "data:image/png;base64,AAAA"
REFUSED: dict[str, Any] = {"success": False, "error_code": "busy", "error_message": "later", "retry_after_ms": 500}

EXAMPLES: list[m.WireMessage] = [
    m.ProtocolError(success=False, error_code="bad_json", error_message="where", details={"a": 1}),
    m.Register(
        worker_id="w1", host="h", version="1", capabilities=["douyin"], max_accounts=3, host_id="7f", instance="1a"
    ),
    m.Goodbye(worker_id="w1"),
    m.GoodbyeAck(success=True),
    m.Heartbeat(worker_id="w1", status="busy", active_tasks=2, memory_mb=12.5, cpu_percent=99.0),
    m.AccountStatuses(
        account_statuses=[
            m.AccountStatus(
                account_id="acc",
                worker_status="crawling",
                login_status="expired",
                last_crawl_time=5,
                error_count=1,
                last_error_message="x",
                counts={"messages": 2},
                profile=m.Profile(user_name="店", follower_count=9, verified=True),
            )
        ]
    ),
    m.SessionReport(account_id="acc", storage_state={"origins": [], "cookies": []}),
    m.DataSync(account_id="acc", platform="douyin", timestamp=9, snapshot=SNAPSHOT, observed=[LOOK], part=PART),
    m.DataDelta(
        account_id="acc",
        platform="douyin",
        upserts={"messages": msgspec.Raw(b"[]")},
        removals={"messages": ["m1"]},
        observed=[LOOK],
    ),
    m.DataFetch(account_id="acc"),
    logins.LoginReport(
        session_id="s", account_id="acc", state="qrcode_ready", qrcode=QR, expires_at=5, hint="138****1234"
    ),
    m.RegisterAck(success=True, session_id="s", assigned_accounts=[ACCOUNT]),
    m.HeartbeatAck(success=True),
    m.AccountStatusesAck(success=True, updated=["acc"], failed={"other": "not_assigned"}),
    m.SessionReportAck(**REFUSED),
    m.DataSyncAck(
        success=True,
        account_id="acc",
        timestamp=9,
        version=4,
        changed=True,
        stats={"messages": 1},
        warnings=[m.SyncWarning(code="bad_item", collection="messages", index=1, id="x", message="why")],
        warnings_total=101,
    ),
    m.DataSnapshot(account_id="acc", version=4, snapshot=SNAPSHOT, part=PART),
    m.TaskAssign(account=ACCOUNT),
    m.TaskRevoke(account_id="acc"),
    m.AccountLogout(account_id="acc"),
    m.TaskAssignAck(success=True),
    m.TaskRevokeAck(**REFUSED),
    m.AccountLogoutAck(success=True),
    logins.AccountLogin(account_id="acc", session_id="s"),
    logins.AccountLoginAck(success=True),
    logins.LoginCode(session_id="s", code="123456"),
    logins.LoginCodeAck(**REFUSED),
    logins.LoginReportAck(success=True),
    replies.ReplyRequest(
        reply_id=f"repl_acc_{1:032x}",
        account_id="acc",
        lease_epoch=3,
        attempt=1,
        mode="send",
        kind="comment",
        target=replies.ReplyTarget(comment_id="4", root_comment_id="3", content_id="9"),
        text="能\n今天",
        deadline=5,
    ),
    replies.ReplyRequestAck(**REFUSED),
    replies.ReplyProgress(reply_id=f"repl_acc_{1:032x}", state="pressing", attempt=1, known=("500",)),
    replies.ReplyProgressAck(success=True),
    replies.ReplyResult(
        reply_id=f"repl_acc_{1:032x}",
        state="refused",
        attempt=1,
        reason=replies.ReplyReason(code="blocked", text="对方已拒收"),
        confirmed_platform_id="501",
        evidence="response",
    ),
    replies.ReplyResultAck(success=True),
]


def plain(message: m.WireMessage) -> Any:
    return msgspec.json.decode(msgspec.json.encode(message))


def test_every_message_has_an_example_here() -> None:
    assert {type(example) for example in EXAMPLES} == {*tables.FROM_WORKER, *tables.FROM_HUB}


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_a_message_arrives_as_it_was_sent(message: m.WireMessage) -> None:
    decode = decode_from_worker if type(message) in tables.FROM_WORKER else decode_from_hub
    frame = encode_frame(message, timestamp=1_761_804_248_025, request_id="r1")
    decoded = decode(frame)
    assert type(decoded.message) is type(message)
    assert plain(decoded.message) == plain(message)
    assert (decoded.timestamp, decoded.request_id) == (1_761_804_248_025, "r1")
    assert msgspec.json.decode(frame)["type"] == message.TYPE


def test_the_types_of_messages_are_unique_and_answers_carry_the_name_of_what_they_answer() -> None:
    types = [message.TYPE for message in (*tables.FROM_WORKER, *tables.FROM_HUB)]
    assert len(types) == len(set(types))
    odd = {(q.TYPE, a.TYPE) for q, a in tables.ACK_OF.items() if q.TYPE + ":ack" != a.TYPE}
    assert odd == {("worker:data:delta", "worker:data:sync:ack"), ("worker:data:fetch", "worker:data:snapshot")}


def test_messages_about_data_are_camel_case_on_the_wire_and_their_refusals_are_not() -> None:
    sync = plain(next(e for e in EXAMPLES if isinstance(e, m.DataSync)))
    assert set(sync) == {"accountId", "platform", "timestamp", "snapshot", "observed", "part"}
    assert set(sync["snapshot"]) == {"platform", "data", "partial", "removed", "cleared"}
    assert sync["observed"][0] == {
        "surface": "messages",
        "entry": "chat",
        "from": 1,
        "to": 2,
        "complete": True,
        "items": 3,
        "canary": "page_changed",
    }
    ack = plain(next(e for e in EXAMPLES if isinstance(e, m.DataSyncAck)))
    assert {"accountId", "error_code", "error_message", "retry_after_ms", "warnings_total"} <= set(ack)
    snapshot = plain(next(e for e in EXAMPLES if isinstance(e, m.DataSnapshot)))
    assert {"accountId", "version", "snapshot", "part", "error_code"} <= set(snapshot)


def test_an_account_without_data_is_answered_with_version_0_and_null() -> None:
    answer = plain(m.DataSnapshot(account_id="acc"))
    assert (answer["version"], answer["snapshot"]) == (0, None)
