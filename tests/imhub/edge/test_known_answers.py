"""Kept answers to reads, which the server writes without a task: nobody can tell them from others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from uvicorn.server import ServerState

from im_api import access
from im_api.inline import InlineReads, Memo
from imhub.edge.connections import HttpConnection, ServerConfig
from imhub.edge.door import Door
from imhub.edge.known_answers import KnownAnswers
from imhub.edge.request_counts import CountedRequests, RequestCounts
from sync.hub import Hub, set_hub
from tests.im_api.builders import a_message, a_snapshot
from tests.im_api.conftest import NOW
from tests.waiting import until

PATH = "/api/im/conversations?account_id=acc-a"
LIMIT = 64 * 1024**2


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Server:
    """A server with a memo of its own. `knows`: it asks the memo before it starts a task."""

    def __init__(self, *, knows: bool) -> None:
        self.memo, self.counts = Memo(LIMIT), RequestCounts()
        self.tasks = 0
        reads = InlineReads(_refuse, self.memo)
        counted = CountedRequests(reads, self.counts)

        async def application(scope: Any, receive: Any, send: Any) -> None:
            self.tasks += 1
            await counted(scope, receive, send)

        known = KnownAnswers(reads, self.counts) if knows else None
        self._config = ServerConfig(application, door=Door(9, 9), known=known, lifespan="off", log_config=None)
        self._config.load()
        self._state = ServerState()
        self._state.default_headers = [(b"date", b"Sat, 28 Nov 2026 09:00:00 GMT")]

    def connect(self) -> Client:
        wire = Wire()
        connection = HttpConnection(self._config, self._state, {})
        connection.connection_made(cast(asyncio.Transport, wire))
        return Client(connection, wire)


class Client:
    def __init__(self, connection: HttpConnection, wire: Wire) -> None:
        self.connection = connection
        self.wire = wire

    async def ask(self, *requests: bytes) -> bytes:
        """Send all at once. Return all that is written."""
        self.wire.written.clear()
        self.connection.data_received(b"".join(requests))
        await until(lambda: not self.connection.pipeline and self.connection.cycle.response_complete)
        return b"".join(self.wire.written)


async def _refuse(*_: object) -> None:
    raise AssertionError("a read was not answered from memory")


def a_request(path: str = PATH, method: str = "GET", token: str = "alice", **headers: str) -> bytes:
    given = {"Host": "localhost", "Authorization": f"Token {token}"} | headers
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items()]
    return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()


def etag_of(answer: bytes) -> str:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return next(line.partition(": ")[2] for line in lines if line.startswith("etag: "))


@pytest.mark.parametrize(
    "request_of",
    [
        lambda etag: a_request(),
        lambda etag: a_request(method="HEAD"),
        lambda etag: a_request(If_None_Match=etag),
        lambda etag: a_request(method="HEAD", If_None_Match=etag),
        lambda etag: a_request(If_None_Match='"another"'),
        lambda etag: a_request(Content_Length="3") + b"abc",
        lambda etag: a_request(Connection="close"),
        lambda etag: a_request().replace(b"HTTP/1.1", b"HTTP/1.0"),
        lambda etag: a_request("/api/im/conversations/conv_acc-a_mia"),
        lambda etag: a_request("/api/im/accounts"),
        lambda etag: a_request("/api/im/messages/nothing"),
    ],
)
async def test_an_answer_without_a_task_is_the_same_to_the_last_byte(
    hub: Hub,
    request_of: Callable[[str], bytes],
) -> None:
    plain, knowing = Server(knows=False), Server(knows=True)
    etag = etag_of(await plain.connect().ask(a_request()))
    request = request_of(etag)
    for _ in range(2):
        expected, given = plain.connect(), knowing.connect()
        assert await given.ask(request) == await expected.ask(request)
        assert given.wire.closing is expected.wire.closing


async def test_a_kept_answer_takes_no_task_and_is_counted(hub: Hub) -> None:
    server = Server(knows=True)
    client = server.connect()
    answers = [await client.ask(a_request()) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    answers.append(await client.ask(a_request(If_None_Match=etag_of(answers[0]))))
    assert answers[3].startswith(b"HTTP/1.1 304 ")
    counts = server.memo.count()
    assert (server.tasks, server.counts.total) == (1, 4)
    assert (counts.misses, counts.hits, counts.not_modified) == (1, 3, 1)


async def test_requests_that_come_at_once_are_answered_in_their_order(hub: Hub) -> None:
    server = Server(knows=True)
    first = await server.connect().ask(a_request())
    other = await server.connect().ask(a_request("/api/im/accounts"))
    for requests in ((a_request(), a_request("/api/im/accounts"), a_request(), a_request()), (a_request(),) * 50):
        expected = b"".join(other if b"accounts " in request else first for request in requests)
        assert await server.connect().ask(*requests) == expected


async def test_a_change_and_a_token_that_is_revoked_count_at_once_on_an_open_connection(hub: Hub) -> None:
    server = Server(knows=True)
    client = server.connect()
    for _ in range(2):
        first = await client.ask(a_request())
    hub.store.update_account_data("acc-a", a_snapshot(messages=[a_message("new", "mia", 50)]), now=NOW)
    assert await client.ask(a_request()) != first
    assert server.tasks == 1, "the view answers alone"
    before, now = access.get_access(), access.now_ms()
    tokens = {key: info._replace(expires_at=now) for key, info in before.tokens.items()}
    access._current = access.Access(users=before.users, tokens=tokens)
    client.wire.written.clear()
    client.connection.data_received(a_request())
    assert client.wire.written == []  # nobody answers from memory: a task asks the database


async def test_a_token_that_expires_ends_the_answers_of_its_connection(
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = access.now_ms()
    before = access.get_access()
    tokens = {key: info._replace(expires_at=now + 60_000) for key, info in before.tokens.items()}
    access._current = access.Access(users=before.users, tokens=tokens)
    client = Server(knows=True).connect()
    for _ in range(3):
        assert (await client.ask(a_request())).startswith(b"HTTP/1.1 200 ")
    monkeypatch.setattr("im_api.inline.question.now_ms", lambda: now + 60_000)
    client.wire.written.clear()
    client.connection.data_received(a_request())
    assert client.wire.written == []


async def test_another_token_on_the_same_connection_gets_answers_of_its_own(hub: Hub) -> None:
    server = Server(knows=True)
    client = server.connect()
    path = "/api/im/unified-messages?account_id=all"
    mine = [await client.ask(a_request(path)) for _ in range(2)]
    theirs = [await client.ask(a_request(path, token="bob")) for _ in range(2)]
    assert mine[0] == mine[1] != theirs[0] == theirs[1]
    assert b"acc-a" not in theirs[0]


async def test_a_hub_that_has_ended_knows_nothing(hub: Hub) -> None:
    server = Server(knows=True)
    client = server.connect()
    await client.ask(a_request())
    set_hub(None)
    client.wire.written.clear()
    client.connection.data_received(a_request())
    assert client.wire.written == []
