"""A socket that the hub closes is closed, whatever codes its server knows."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from imhub.edge.close_codes import CloseCodes

Sent = list[MutableMapping[str, Any]]


async def close(code: int | None, *, refused: range) -> Sent:
    """What a server sends that raises for the codes in `refused`."""
    sent: Sent = []

    async def inner(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.close", "code": code, "reason": "too large"})

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["code"] in refused:
            raise Exception(f"invalid close code {message['code']}")
        sent.append(message)

    await CloseCodes(inner)({"type": "websocket"}, receive, send)
    return sent


async def test_a_code_that_the_server_knows_is_sent() -> None:
    assert await close(1009, refused=range(0)) == [{"type": "websocket.close", "code": 1009, "reason": "too large"}]


@pytest.mark.parametrize(("code", "sent"), [(1008, 4008), (1009, 4009), (4000, 4000), (1000, 1000)])
async def test_a_code_that_the_server_does_not_send_becomes_a_private_one(code: int, sent: int) -> None:
    assert [message["code"] for message in await close(code, refused=range(1001, 3000))] == [sent]


@pytest.mark.parametrize("code", [1009, 4000])
async def test_a_server_that_cannot_send_at_all_says_so(code: int) -> None:
    with pytest.raises(Exception, match=r"invalid close code"):
        await close(code, refused=range(5000))
