from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from im_api.push.feed import PushFeed
from sync.hub import Hub
from tests.im_api.push.client import Client

Listen = Callable[[str], Awaitable[Client]]


@pytest.fixture
async def listen(writing_hub: Hub, feed: PushFeed) -> AsyncIterator[Listen]:
    """A client with the token of that person."""
    opened: list[Client] = []

    async def connected(token: str) -> Client:
        client = Client(feed, (b"authorization", f"Token {token}".encode()))
        opened.append(await client.open())
        return client

    yield connected
    for client in opened:
        await client.leave()
