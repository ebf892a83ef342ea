"""The server is a choice: one suite for Uvicorn and Daphne, memory and Redis, SQLite and PostgreSQL."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.e2e.cast import a_frame, ask
from tests.e2e.contract import (
    ACCOUNTS,
    LISTS,
    TOO_LARGE,
    Combination,
    Contract,
    a_sync,
    add_worker,
    close_code,
    everything,
    get,
    renew_token,
    revoke_api_token,
    running,
    sync,
    walk,
)
from tests.im_api.builders import a_comment, a_conversation, a_message, a_notice, a_snapshot, a_work
from tests.migrated import create_migrated

pytestmark = pytest.mark.e2e

# Every choice; with those of the soak every pair of two.
COMBINATIONS = [
    Combination("Uvicorn", "memory", "SQLite"),
    Combination("Daphne", "Redis", "PostgreSQL"),
    pytest.param(Combination("Uvicorn", "Redis", "SQLite"), marks=pytest.mark.soak),
    pytest.param(Combination("Uvicorn", "memory", "PostgreSQL"), marks=pytest.mark.soak),
    pytest.param(Combination("Daphne", "memory", "SQLite"), marks=pytest.mark.soak),
]
STOP_S = 10
WRITE = "/api/im/unified-messages/read-many"


@pytest.fixture(scope="module", params=COMBINATIONS, ids=str)
def contract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    on_server = request.param.database == "PostgreSQL"
    database = create_migrated(request.getfixturevalue("server")) if on_server else ""
    with running(request.param, tmp_path_factory.mktemp("contract"), database) as contract:
        yield contract


@pytest.fixture(autouse=True)
def unharmed(contract: Contract) -> Iterator[None]:
    log = contract.hub.log
    before = log.stat().st_size
    yield
    assert contract.hub.alive
    said = log.read_bytes()[before:].decode()
    assert "Traceback" not in said


@pytest.fixture
def worker(contract: Contract) -> Iterator[ClientConnection]:
    with contract.cast.worker() as worker:
        yield worker


@pytest.fixture
def ann(contract: Contract) -> Iterator[httpx.Client]:
    with contract.client("ann") as client:
        yield client


@pytest.fixture(scope="module")
def boss(contract: Contract) -> Iterator[httpx.Client]:
    """Signed in once: to check a password takes its time."""
    with contract.browser("boss") as client:
        yield client


def a_little_of_everything(account: str) -> dict[str, Any]:
    return a_snapshot(
        conversations=[a_conversation(f"c{n}", account, userName=f"茶客 {n}") for n in range(5)],
        messages=[a_message(f"m{n}", f"c{n % 5}", n, account) for n in range(10)],
        contents=[a_work(f"w{n}", account) for n in range(3)],
        comments=[a_comment(f"k{n}", "w0", n, account) for n in range(7)],
        notifications=[a_notice(f"n{n}", n, account) for n in range(3)],
    )


# -- workers


def test_it_says_that_it_is_well_to_everybody(contract: Contract) -> None:
    with contract.client(None) as anyone:
        for path in ("/healthz", "/healthz/"):
            assert anyone.get(path).json() == {"status": "ok"}
        assert (anyone.head("/healthz").status_code, anyone.post("/healthz").status_code) == (200, 405)
        assert get(anyone, "health")["status"] == "ok"


def refused(contract: Contract, token: str | None, **address: str) -> int:
    """The HTTP status instead of an open socket."""
    with pytest.raises(InvalidStatus) as error:
        contract.socket(token, **address)
    return error.value.response.status_code


def test_no_socket_opens_without_a_good_token_by_another_name_or_at_another_path(contract: Contract) -> None:
    good = contract.cast.worker_token
    assert [refused(contract, token) for token in (None, "wrong", good[:-1])] == [403, 403, 403]
    assert refused(contract, good, host="evil.test") == 403
    assert refused(contract, good, path="/ws/other/") == 403


def test_a_worker_is_who_its_token_says_and_is_told_its_accounts(contract: Contract) -> None:
    with contract.socket(contract.cast.worker_token) as worker:
        assert ask(worker, "worker:heartbeat", {"worker_id": "w1"})["error_code"] == "not_registered"
        assert ask(worker, "worker:register", {"worker_id": "w2"})["error_code"] == "worker_id_mismatch"
        told = ask(worker, "worker:register", {"worker_id": "w1", "max_accounts": 50})
        assert {account["account_id"] for account in told["assigned_accounts"]} == set(ACCOUNTS)


def test_what_was_acknowledged_is_in_the_very_next_read(worker: ClientConnection, ann: httpx.Client) -> None:
    for n in range(30):
        snapshot = a_snapshot(messages=[a_message(f"m{n}", "c", n, "next", content=f"第 {n}")])
        ack = sync(worker, "next", snapshot | {"partial": ["messages"]})
        newest = ann.get("/api/im/messages?account_id=next&count=1")
        assert newest.json()["data"]["messages"][0]["content"] == f"第 {n}"
        assert newest.headers["IMHub-Version"] == f"next={ack['version']}"
    assert ack["stats"]["messages"] == 30


def test_a_snapshot_that_brings_nothing_new_changes_nothing(worker: ClientConnection, ann: httpx.Client) -> None:
    first = sync(worker, "again", a_little_of_everything("again"))
    before = everything(ann, ("again",))
    second = sync(worker, "again", a_little_of_everything("again"))
    assert (first["changed"], second["changed"], second["version"]) == (True, False, first["version"])
    assert everything(ann, ("again",)) == before


def test_the_parts_of_a_snapshot_count_when_all_are_there(worker: ClientConnection, ann: httpx.Client) -> None:
    for index in range(3):
        snapshot = a_snapshot(messages=[a_message(f"m{index}", "c", index, "parts")])
        part = a_sync("parts", snapshot, part={"sync_id": "s", "index": index, "total": 3})
        if index < 2:
            worker.send(a_frame("worker:data:sync", part, f"part {index}"))
            assert ask(worker, "worker:heartbeat", {"worker_id": "w1"})["success"]
            assert walk(ann, "messages", "parts") == []
    assert ask(worker, "worker:data:sync", part)["stats"]["messages"] == 3
    assert [row["content"] for row in walk(ann, "messages", "parts")] == ["text m2", "text m1", "text m0"]


def test_a_broken_item_is_told_and_the_others_are_kept(worker: ClientConnection, ann: httpx.Client) -> None:
    messages = [a_message("m0", "c", 0, "broken"), {"content": "no id"}, a_message("m2", "c", 2, "broken")]
    ack = sync(worker, "broken", a_snapshot(messages=messages))
    assert ack["success"]
    assert [(w["code"], w["collection"], w["index"]) for w in ack["warnings"]] == [("bad_item", "messages", 1)]
    assert [row["msg_id"] for row in walk(ann, "messages", "broken")] == ["msg_broken_m2", "msg_broken_m0"]


def test_a_frame_of_900_kb_is_taken(worker: ClientConnection, ann: httpx.Client) -> None:
    long = "长" * 1_000
    messages = [a_message(f"m{n}", "c", n, "big", content=f"{n} {long}") for n in range(270)]
    sent = a_frame("worker:data:sync", a_sync("big", a_snapshot(messages=messages)), "big")
    text = json.dumps(json.loads(sent), ensure_ascii=False)
    assert 850_000 < len(text.encode()) < 950_000
    worker.send(text)
    ack = json.loads(worker.recv(20))["payload"]
    assert (ack["success"], ack["stats"]["messages"]) == (True, 270)
    assert {row["content"] for row in walk(ann, "messages", "big")} == {f"{n} {long}" for n in range(270)}


def test_a_frame_above_the_limit_ends_its_connection_with_a_code(contract: Contract) -> None:
    with contract.cast.worker() as worker:
        worker.send(a_frame("worker:data:sync", {"accountId": "x" * 1_100_000}, "large"))
        assert close_code(worker) == TOO_LARGE[contract.kind.server]
    with contract.cast.worker() as worker:
        assert ask(worker, "worker:heartbeat", {"worker_id": "w1"})["success"]


def test_what_is_no_message_is_answered_and_the_connection_goes_on(worker: ClientConnection) -> None:
    bad: list[tuple[str | bytes, str]] = [
        (b"\x00\xff", "bad_frame"),
        ("{", "bad_json"),
        (a_frame("worker:dance", {}, "d"), "unknown_type"),
        (a_frame("worker:data:sync", {"accountId": 1}, "p"), "bad_payload"),
    ]
    for frame, code in bad:
        worker.send(frame)
        assert json.loads(worker.recv(20))["payload"]["error_code"] == code
    assert ask(worker, "worker:heartbeat", {"worker_id": "w1"})["success"]


def test_a_newer_connection_of_a_worker_takes_over(contract: Contract) -> None:
    with contract.cast.worker() as older, contract.cast.worker() as newer:
        assert close_code(older) == 4000
        assert ask(newer, "worker:heartbeat", {"worker_id": "w1"})["success"]


def test_a_worker_whose_token_was_renewed_is_out_at_once(contract: Contract, boss: httpx.Client) -> None:
    old = add_worker(boss, "renewed")
    with contract.socket(old) as worker:
        assert ask(worker, "worker:register", {"worker_id": "renewed"})["success"]
        new = renew_token(boss, "renewed")
        assert close_code(worker) == 4001
    assert refused(contract, old) == 403
    with contract.socket(new) as worker:
        assert ask(worker, "worker:register", {"worker_id": "renewed"})["success"]


# -- reads


@pytest.fixture
def lists(worker: ClientConnection) -> None:
    assert sync(worker, "lists", a_little_of_everything("lists"))["success"]


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(("name", "key"), LISTS.items())
def test_pages_give_every_row_once_and_each_is_found_by_its_id(ann: httpx.Client, name: str, key: str) -> None:
    rows = walk(ann, name, "lists")
    numbers = {"conversations": 5, "messages": 10, "contents": 3, "discussions": 7, "notifications": 3}
    assert len(rows) == len({row[key] for row in rows}) == numbers.get(name, 20)
    assert walk(ann, name, "lists", count=2) == rows
    if name in numbers:
        assert [get(ann, f"{name}/{row[key]}") for row in rows] == rows


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("path", ["accounts", "messages?account_id=lists", "conversations/conv_lists_c1"])
def test_what_a_client_has_is_not_sent_again_and_head_is_get_without_its_body(ann: httpx.Client, path: str) -> None:
    first, head = ann.get(f"/api/im/{path}"), ann.head(f"/api/im/{path}")
    same = ann.get(f"/api/im/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, head.status_code, same.status_code) == (200, 200, 304)
    assert (head.content, same.content) == (b"", b"")
    for name in ("ETag", "Vary", "Cache-Control", "IMHub-Version", "IMHub-Seq"):
        assert first.headers[name] == head.headers[name] == same.headers[name]
    assert head.headers["Content-Length"] == first.headers["Content-Length"] == str(len(first.content))


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        (None, "GET", "/api/im/accounts", 401),
        (None, "PUT", "/api/im/conversations/conv_lists_c1/pin", 401),
        ("ann", "GET", "/api/im/nothing", 404),
        ("ann", "GET", "/api/im/messages/msg_lists_none", 404),
        ("ben", "GET", "/api/im/messages?account_id=next", 404),
        ("ben", "PUT", "/api/im/conversations/conv_lists_c1/pin", 403),
        ("ann", "GET", "/api/im/messages?account_id=lists&count=0", 400),
        ("ann", "PATCH", "/api/im/messages", 405),
        ("ann", "GET", WRITE, 405),
        ("ann", "POST", "/api/im/messages", 400),
    ],
)
def test_an_error_comes_in_the_envelope(
    contract: Contract, who: str | None, method: str, path: str, status: int
) -> None:
    with contract.client(who) as client:
        response = client.request(method, path, json={} if method != "GET" else None)
    body = response.json()
    assert (response.status_code, body["status_code"], body["data"]) == (status, status, None)
    assert body["status_msg"]
    assert ("Allow" in response.headers) >= (status == 405)


def test_a_body_above_the_limit_is_413_and_the_hub_answers_on(ann: httpx.Client) -> None:
    large = b'{"message_ids": ["' + b"x" * 1_100_000 + b'"]}'
    response = ann.put(WRITE, content=large, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["status_code"]) == (413, 413)
    assert get(ann, "accounts")["users"]


# -- writes


def test_what_was_written_is_in_the_very_next_read(worker: ClientConnection, ann: httpx.Client) -> None:
    assert sync(worker, "writes", a_little_of_everything("writes"))["success"]
    conversation, message = "conversations/conv_writes_c1", "messages/msg_writes_m1"
    comment = "discussions/comm_writes_k1"
    for method, path, told in (
        ("PUT", f"{conversation}/pin", {"is_pinned": True}),
        ("PUT", f"{conversation}/mute", {"is_muted": True}),
        ("DELETE", f"{conversation}/mute", {"is_muted": False}),
        ("DELETE", f"{conversation}/read", {"unread_count": 1}),
        ("PUT", f"{conversation}/read", {"unread_count": 0}),
        ("DELETE", f"{message}/read", {"is_read": False}),
        ("PUT", f"{message}/read", {"is_read": True}),
        ("PUT", f"{message}/recall", {"is_recalled": True}),
        ("PUT", f"{comment}/read", {"is_read": True, "is_new": False}),
        ("DELETE", f"{comment}/read", {"is_read": False, "is_new": True}),
        ("PUT", "contents/cont_writes_w1/read", {"is_new": False}),
        ("PUT", "notifications/notif_writes_n1/read", {"is_read": True}),
    ):
        answer = ann.request(method, f"/api/im/{path}")
        assert answer.status_code == 200, answer.text
        item = get(ann, path.rpartition("/")[0])
        assert item == answer.json()["data"]
        assert item == item | told, path
    assert get(ann, "unified-messages/stats?account_id=writes")["unread_discussions"] == 0


@pytest.mark.parametrize(
    ("item", "name"),
    [("conv_writes_c2", "conversations"), ("msg_writes_m3", "messages"), ("comm_writes_k2", "discussions")],
)
def test_what_was_deleted_is_gone_and_comes_back_when_restored(
    worker: ClientConnection, ann: httpx.Client, item: str, name: str
) -> None:
    assert sync(worker, "writes", a_little_of_everything("writes"))["success"]
    key = LISTS[name]
    visible = {row[key] for row in walk(ann, name, "writes")}
    deleted = ann.delete(f"/api/im/{name}/{item}")
    assert (deleted.status_code, deleted.json()["data"]) == (200, {"deleted": True})
    rows = walk(ann, name, "writes")
    assert {row[key] for row in rows if not row.get("is_deleted")} == visible - {item}
    assert ann.put(f"/api/im/{name}/{item}/restore").json()["data"] == get(ann, f"{name}/{item}")
    assert {row[key] for row in walk(ann, name, "writes")} == visible


def test_a_conversation_is_made_once_and_found_at_once(ann: httpx.Client) -> None:
    body = {"account_id": "new", "participant": {"user_id": "zoe", "user_name": "佐伊"}}
    made, again = (ann.post("/api/im/conversations", json=body) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["data"] == again.json()["data"] == get(ann, "conversations/conv_new_zoe")
    assert [row["participant"]["user_name"] for row in walk(ann, "conversations", "new")] == ["佐伊"]


# -- people


def test_a_person_signs_in_and_writes_with_the_session_and_its_csrf_token(contract: Contract) -> None:
    with contract.client(None) as stranger:
        assert stranger.get("/").headers["Location"].startswith("/login/")
        assert stranger.get("/static/imhub/web.css").headers["Content-Type"].startswith("text/css")
    with contract.browser("ann") as browser:
        assert browser.get("/").status_code == 200
        assert {user["user_id"] for user in get(browser, "accounts")["users"]} == set(ACCOUNTS)
        body = {"account_id": "new", "participant": {"user_id": "from-browser"}}
        without = browser.post("/api/im/conversations", json=body)
        assert (without.status_code, without.json()["status_msg"].startswith("CSRF Failed")) == (403, True)
        token = {"X-CSRFToken": browser.cookies["imhub_csrf"]}
        assert browser.post("/api/im/conversations", json=body, headers=token).status_code == 201
        assert get(browser, "conversations/conv_new_from-browser")["account_id"] == "new"


def test_a_revoked_token_is_refused_from_the_next_request_on(contract: Contract, boss: httpx.Client) -> None:
    with contract.client("gone") as gone:
        assert gone.get("/api/im/accounts").status_code == 200
        revoke_api_token(boss, "gone")
        assert gone.get("/api/im/accounts").status_code == 401


# -- the end


def test_it_stops_in_time_under_an_open_socket_and_then_has_everything(
    contract: Contract, ann: httpx.Client, boss: httpx.Client
) -> None:
    with contract.cast.worker() as worker:
        ack = sync(worker, "stop", a_little_of_everything("stop"))
        assert ann.put("/api/im/conversations/conv_stop_c1/pin").status_code == 200
        assert ann.delete("/api/im/discussions/comm_stop_k1").status_code == 200
        before = everything(ann)
        assert (len(before["stop", "discussions"]), before["stop", "conversations"][0]["is_pinned"]) == (6, True)
        began = time.monotonic()
        code = contract.hub.stop()
        assert time.monotonic() - began < STOP_S
        # Daphne has been seen to crash at the very end of its shutdown. By then all that was answered is durable.
        assert code == 0 or contract.kind.server == "Daphne"
        assert close_code(worker) == {"Uvicorn": 1012, "Daphne": 1006}[contract.kind.server]
        contract.start()
        assert everything(ann) == before
        assert boss.get("/").status_code == 200
    with contract.cast.worker() as worker:
        again = sync(worker, "stop", a_little_of_everything("stop"))
    assert (again["changed"], again["version"]) == (False, ack["version"] + 2)
