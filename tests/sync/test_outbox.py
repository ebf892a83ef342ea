"""What is said to one socket goes out in its order, whether it is written at once or waits."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sync.outbox import Outbox


class Socket:
    """`is_writable`: it takes texts at once. `got`: all that went out, in its order."""

    def __init__(self) -> None:
        self.is_writable = True
        self.got: list[str] = []

    def write(self, texts: Sequence[str]) -> bool:
        if self.is_writable:
            self.got += texts
        return self.is_writable


@given(st.lists(st.sampled_from(["put", "drain", "full", "free"]), max_size=40))
def test_texts_go_out_in_their_order_and_each_once(steps: list[str]) -> None:
    """Also where the socket can be written to again while something still waits."""

    async def run() -> None:
        socket, said = Socket(), 0
        outbox = Outbox(None, socket.write)

        async def drain() -> None:
            text = await outbox.next()
            outbox.put(f"{said} while it is sent")  # nothing may overtake what is on its way
            socket.got.append(text)
            outbox.sent()

        expected: list[str] = []
        for step in steps:
            if step == "put":
                outbox.put(str(said))
                expected.append(str(said))
                said += 1
            elif step == "drain" and not outbox.is_empty:
                expected.append(f"{said} while it is sent")
                await drain()
            else:
                socket.is_writable = step == "free"
        while not outbox.is_empty:
            socket.got.append(await outbox.next())
            outbox.sent()
        assert socket.got == expected

    asyncio.run(run())


def test_after_its_end_nothing_is_written() -> None:
    async def run() -> None:
        socket = Socket()
        outbox = Outbox(None, socket.write)
        outbox.end()
        outbox.put("late")
        assert socket.got == []

    asyncio.run(run())
