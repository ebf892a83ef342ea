"""A socket serves one message after the other, and ends in order."""

import asyncio
from typing import Any

import pytest

from sync.served_socket import ServedSocket

pytestmark = pytest.mark.django_db(transaction=True)  # a socket that ends closes what its thread has open


class Heard(ServedSocket):
    """Notes at which turn of the event loop each text came."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self.heard: list[tuple[str, int]] = []
        self.given_up = 0

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data == "break":
            raise RuntimeError(text_data)
        self.heard.append((text_data or "", self.turn))

    async def serve(self, *texts: str) -> None:
        """Hand in texts that are all here already, then the end."""
        messages: list[dict[str, Any]] = [{"type": "websocket.receive", "text": text} for text in texts]
        messages.append({"type": "websocket.disconnect", "code": 1000})
        waiting = iter(messages)

        async def receive() -> dict[str, Any]:
            return next(waiting)

        async def send(message: Any) -> None: ...

        counting = asyncio.create_task(self._count())
        try:
            await self({"type": "websocket"}, receive, send)
        finally:
            counting.cancel()

    async def _count(self) -> None:
        while True:
            self.turn += 1
            await asyncio.sleep(0)

    def give_up(self) -> None:
        self.given_up += 1


async def test_a_socket_whose_messages_are_all_here_lets_the_others_have_their_turns() -> None:
    socket = Heard()
    await socket.serve(*(str(number) for number in range(20)))
    assert [text for text, _ in socket.heard] == [str(number) for number in range(20)]
    turns = [turn for _, turn in socket.heard]
    assert turns == sorted(set(turns)), "something else ran between every two of them"
    assert socket.given_up == 1


async def test_a_message_that_breaks_it_ends_it_and_leaves_nothing_behind() -> None:
    socket = Heard()
    with pytest.raises(RuntimeError, match="break"):
        await socket.serve("one", "break", "two")
    assert [text for text, _ in socket.heard] == ["one"]
    assert socket.given_up == 1
