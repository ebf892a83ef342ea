"""What is refused at the edge: bodies that are too large, websockets that call us by a foreign name."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from channels.testing import WebsocketCommunicator

from imhub.edge.limits import AllowedHosts, LimitedBodies

LIMIT = 1_048_576


class Inner:
    """Reads the body and tells its length; keeps every websocket open."""

    def __init__(self) -> None:
        self.read = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            return
        more = True
        while more:
            message = await receive()
            self.read += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(self.read).encode()})


@pytest.fixture
def inner() -> Inner:
    return Inner()


async def put(inner: Inner, content: Any, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(LimitedBodies(inner))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        return await client.put("/api/im/x", content=content, headers=headers)


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 65536):
        yield b"x" * min(65536, size - start)


async def test_a_body_up_to_the_limit_passes(inner: Inner) -> None:
    assert (await put(inner, b"x" * LIMIT)).text == str(LIMIT)
    inner.read = 0
    assert (await put(inner, in_chunks(LIMIT))).text == str(LIMIT)


async def test_a_body_that_says_it_is_too_large_is_not_even_read(inner: Inner) -> None:
    response = await put(inner, b"x" * (LIMIT + 1))
    check_refusal(response)
    assert inner.read == 0


async def test_a_body_that_does_not_say_its_length_is_counted(inner: Inner) -> None:
    check_refusal(await put(inner, in_chunks(LIMIT + 1)))
    assert inner.read <= LIMIT


def check_refusal(response: httpx.Response) -> None:
    message = "The body is too large: 1048576 bytes at most"
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {"data": None, "status_code": 413, "status_msg": message}


@pytest.mark.parametrize(
    ("host", "let_in"),
    [
        ("hub.test", True),
        ("hub.test:8000", True),
        ("HUB.TEST", True),
        ("evil.test", False),
        ("hub.test.evil.test", False),
        ("hub.test@evil.test", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_websocket_must_call_us_by_our_name(settings: Any, host: str | None, let_in: bool) -> None:
    settings.ALLOWED_HOSTS = ["hub.test"]
    headers = [] if host is None else [(b"host", host.encode())]
    socket = WebsocketCommunicator(AllowedHosts(Inner()), "/ws/worker/", headers=headers)
    assert (await socket.connect(timeout=30))[0] is let_in


async def test_the_log_names_the_host_that_was_refused(caplog: pytest.LogCaptureFixture) -> None:
    socket = WebsocketCommunicator(AllowedHosts(Inner()), "/ws/worker/", headers=[(b"host", b"evil.test")])
    assert not (await socket.connect(timeout=30))[0]
    assert "IMHUB_ALLOWED_HOSTS" in caplog.text
    assert "evil.test" in caplog.text
