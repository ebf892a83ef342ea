"""Bad, oversized and random input against a real hub: it answers, lives on, and writes no traceback."""

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from im_api.route_table import ROUTES
from tests.e2e.cast import Cast, Operator, a_frame, ask, make_cast
from tests.e2e.fuzz import a_seed, fuzz_address, fuzz_json
from tests.processes import ROOT
from tests.servers import Installation

pytestmark = pytest.mark.e2e

MB = 1_000_000
DEEP = "[" * 200_000
AT_ONCE = 8
LISTS = {
    "conversations": "conversation_id",
    "messages": "msg_id",
    "contents": "content_id",
    "discussions": "discussion_id",
    "notifications": "notification_id",
}
# A connection ends after a hundred bad frames.
FRAMES_A_CONNECTION = 90
WRITE = "/api/im/unified-messages/read-many"
SEED = json.loads((ROOT / "tests/data/seed-snapshot.json").read_text("utf-8"))
SMALL = {
    "accountId": "acc-seed",
    "platform": "douyin",
    "timestamp": 1,
    "snapshot": {
        "platform": "douyin",
        "data": {name: rows[:1] for name, rows in SEED["payload"]["snapshot"]["data"].items()},
        "partial": ["messages"],
    },
}


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    place = Installation(tmp_path_factory.mktemp("abuse"))
    try:
        cast = make_cast(place, Operator("ann", {"acc-seed": "operate"}), Operator("boss", {}, is_staff=True))
        place.start_hub()
        with cast.worker() as worker:
            assert ask(worker, "worker:data:sync", SMALL)["success"]
        yield cast
    finally:
        place.stop()


@pytest.fixture(autouse=True)
def unharmed(cast: Cast) -> Iterator[None]:
    """Whatever a test sent: the hub lives, serves what it had, and its log tells of no failure."""
    log = cast.place.processes[0].log
    before = log.stat().st_size
    yield
    assert cast.place.processes[0].alive
    assert httpx.get(f"{cast.url}/healthz").json() == {"status": "ok"}
    with cast.client("ann") as ann:
        assert ann.get("/api/im/unified-messages?account_id=acc-seed").status_code == 200
    said = log.read_text("utf-8", "replace")[before:]
    assert "Traceback" not in said
    assert " ERROR " not in said


def check_envelope(response: httpx.Response) -> None:
    body = response.json()
    assert body["status_code"] == response.status_code
    assert body["data"] is None
    assert body["status_msg"]


# -- strangers


async def test_hundreds_of_unknown_tokens_use_few_threads_and_those_who_are_known_go_on(cast: Cast) -> None:
    """The hub trusts this machine as a proxy, so the header says from where it comes."""
    hub = psutil.Process(cast.place.processes[0].pid)
    threads, files = hub.num_threads(), hub.num_fds()
    forwarded = {"X-Forwarded-For": "192.0.2.7"}
    async with cast.async_client("ann") as ann, cast.async_client(None) as stranger:
        stranger.headers.update(forwarded)
        ann.headers.update(forwarded)

        async def unknown(number: int) -> httpx.Response:
            return await stranger.get("/api/im/accounts", headers={"Authorization": f"Token {number}"})

        began = time.monotonic()
        asked = [asyncio.create_task(unknown(number)) for number in range(200)]
        most_threads = most_files = 0
        while not all(task.done() for task in asked):
            assert (await ann.get("/api/im/accounts")).status_code == 200
            assert (await ann.get("/api/im/messages?account_id=acc-seed&q=x")).status_code == 200
            most_threads, most_files = max(most_threads, hub.num_threads()), max(most_files, hub.num_fds())
        answers = [task.result() for task in asked]
        assert {answer.status_code for answer in answers} == {401, 429}
        a_second_each = time.monotonic() - began
        assert sum(answer.status_code == 401 for answer in answers) <= 60 + 1 + a_second_each
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert int(refused.headers["Retry-After"]) >= 1
        check_envelope(refused)
        assert (await ann.get("/api/im/accounts")).status_code == 200
    print(f"threads {threads} -> {most_threads}, files {files} -> {most_files}")
    assert most_threads <= threads + 16 + 8
    assert most_files <= files + 200 + 16 * 4  # the connections, and what threads open


def test_a_head_without_end_costs_no_memory(cast: Cast) -> None:
    hub = psutil.Process(cast.place.processes[0].pid)
    before = hub.memory_info().rss
    with socket.create_connection(("127.0.0.1", cast.place.port)) as attacker, suppress(ConnectionError):
        attacker.sendall(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(50):
            attacker.sendall(b"x" * MB)
        pytest.fail("50 MB were taken")
    assert hub.memory_info().rss - before < 10 * MB


# -- bodies


@pytest.mark.parametrize("size", [MB * 11 // 10, 5 * MB, 20 * MB])
def test_a_body_above_the_limit_is_413_and_the_connection_goes_on(cast: Cast, size: int) -> None:
    body = b'{"message_ids": ["' + b"x" * size + b'"]}'
    with cast.client("ann") as ann:
        for content in (body, iter([body[:MB], body[MB:]])):
            response = ann.put(WRITE, content=content, headers={"Content-Type": "application/json"})
            assert response.status_code == 413
            check_envelope(response)
            assert ann.get("/api/im/accounts").status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (DEEP.encode(), "body: Expected `object`, got `array`"),
        (b'{"x": ' + DEEP.encode(), "The body is nested too deeply"),
        (b'{"message_ids": ["\xff\xfe"]}', "The body is not UTF-8: invalid start byte (byte 18)"),
        (bytes(range(256)), "The body is not UTF-8: invalid start byte (byte 128)"),
        (b"", "A JSON body is needed, with Content-Type: application/json"),
    ],
    ids=["brackets", "nested", "utf-8", "binary", "none"],
)
def test_a_body_that_is_none_is_400_with_the_place(cast: Cast, body: bytes, said: str) -> None:
    with cast.client("ann") as ann:
        response = ann.put(WRITE, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    check_envelope(response)
    assert response.json()["status_msg"] == said


# -- frames


@pytest.mark.parametrize("size", [MB * 11 // 10, 5 * MB, 20 * MB])
def test_a_frame_above_the_limit_ends_that_connection_only(cast: Cast, size: int) -> None:
    with cast.worker() as worker:
        worker.send(a_frame("worker:data:sync", {"accountId": "x" * size}, "big"))
        assert close_code(worker) == 1009
    with cast.worker() as worker:
        assert ask(worker, "worker:heartbeat", {"worker_id": "w1"})["success"]


def test_what_is_no_text_ends_or_is_answered(cast: Cast) -> None:
    with cast.worker() as worker:
        worker.send(bytes(range(256)))
        assert error_of(worker) == "bad_frame"
        worker.send(DEEP)
        assert error_of(worker) == "bad_frame"
        worker.send(f'{{"type": "worker:data:sync", "version": "v1", "timestamp": 1, "payload": {DEEP}')
        assert error_of(worker) == "bad_json"
    with cast.worker() as worker:
        with worker.send_context():
            worker.protocol.send_text(b'"\xff\xfe"')
        assert close_code(worker) == 1007


def error_of(worker: ClientConnection) -> str:
    return str(json.loads(worker.recv(20))["payload"]["error_code"])


def close_code(worker: ClientConnection) -> int | None:
    try:
        while True:
            worker.recv(20)
    except ConnectionClosed:
        return worker.protocol.close_code


# -- random input

OBSERVED = {"surface": "messages", "start": 1, "end": 2, "entry": "/", "canary": 1, "complete": True}
FRAMES_OF_A_WORKER: list[tuple[str, dict[str, Any]]] = [
    ("worker:data:sync", SMALL),
    ("worker:data:sync", {**SMALL, "part": {"sync_id": "s", "index": 0, "count": 2}}),
    ("worker:data:delta", {"accountId": "acc-seed", "platform": "douyin", "observed": [OBSERVED]}),
    ("worker:data:fetch", {"accountId": "acc-seed"}),
    ("worker:heartbeat", {"worker_id": "w1", "active_tasks": 1, "memory_mb": 1.5, "cpu_percent": 3}),
    ("worker:account:status", {"account_statuses": [{"account_id": "acc-seed", "login_status": "logged_in"}]}),
    ("worker:account:session", {"account_id": "acc-seed", "storage_state": {"cookies": [], "origins": []}}),
    ("worker:register", {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 5}),
]


@pytest.mark.parametrize("frames", [1_800, pytest.param(10_000, marks=pytest.mark.soak)])
def test_random_frames_are_answered_or_end_their_connection(cast: Cast, frames: int) -> None:
    rng = random.Random(a_seed())
    sent = 0
    while sent < frames:
        with cast.worker() as worker:
            for _ in range(FRAMES_A_CONNECTION):
                type_, payload = rng.choice(FRAMES_OF_A_WORKER)
                worker.send(fuzz_json(rng, json.loads(a_frame(type_, payload, "f"))))
            sent += FRAMES_A_CONNECTION
            assert ask(worker, "worker:heartbeat", {"worker_id": "w1"})["success"]
    print(f"{sent} frames")


BODIES: list[Any] = [
    {"status": "sent"},
    {"message_ids": ["conv_acc-seed_1"]},
    {"account_id": "acc-seed", "before": 1_790_000_000_000, "types": ["comment"]},
    {"account_id": "acc-seed", "participant": {"user_id": "u1", "user_name": "茶"}},
    {"alias": "a", "group": "g", "color": "#123456", "status": "active"},
]
PARAMETERS = [
    *("account_id", "count", "cursor", "q", "since_time", "until_time", "is_read", "is_new", "unread", "is_pinned"),
    *("conversation_id", "types", "type", "direction", "message_type", "platform", "content_id", "format", "x"),
]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS: list[dict[str, str]] = [
    {},
    {"Accept": "text/html"},
    {"Accept": ";;,q=,text/html;q=x"},
    {"If-None-Match": '"x", W/"y", *'},
    {"IMHub-Min-Version": "acc-seed=x"},
    {"Cookie": "imhub_session=..; imhub_csrf=x"},
    {"Content-Type": "text/plain"},
    {"Host": "evil.test"},
]


@pytest.mark.parametrize("requests", [480, pytest.param(20_000, marks=pytest.mark.soak)])
async def test_random_requests_are_answered_in_the_envelope(cast: Cast, requests: int) -> None:
    rng = random.Random(a_seed())
    ids = ids_of(cast)
    async with AsyncExitStack() as stack:
        ann, boss = [await stack.enter_async_context(cast.async_client(name)) for name in ("ann", "boss")]
        for _ in range(requests // AT_ONCE):
            some = [a_request(rng, ids) for _ in range(AT_ONCE)]
            # The owner deletes accounts, and then there would be nothing left to ask for.
            asked = [(ann if r["method"] == "DELETE" or rng.random() < 0.8 else boss).request(**r) for r in some]
            for response in await asyncio.gather(*asked):
                assert response.status_code < 500 or response.status_code == 501, response.request
                if response.status_code >= 400 and response.headers["Content-Type"] == "application/json":
                    assert not response.content or response.json()["status_code"] == response.status_code


def a_request(rng: random.Random, ids: list[str]) -> dict[str, Any]:
    headers = rng.choice(HEADERS) if rng.random() < 0.4 else {}
    route = rng.choice(ROUTES)
    method = rng.choice(METHODS) if rng.random() < 0.1 else rng.choice(list(route.actions)).upper()
    has_body = method in ("POST", "PUT", "PATCH") and rng.random() < 0.9
    return {
        "method": method,
        "url": fuzz_address(rng, route.path, ids, PARAMETERS),
        "content": fuzz_json(rng, rng.choice(BODIES)).encode("utf-8", "replace") if has_body else b"",
        "headers": {"Content-Type": "application/json", **headers},
    }


def ids_of(cast: Cast) -> list[str]:
    ids = ["acc-seed"]
    with cast.client("ann") as ann:
        for name, key in LISTS.items():
            rows = ann.get(f"/api/im/{name}?account_id=acc-seed&count=5").json()["data"][name]
            ids += [row[key] for row in rows]
    return ids
