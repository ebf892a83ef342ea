"""A real hub on an event loop in a thread of its own, for tests that are synchronous themselves."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sync.hub import Hub, set_hub


@contextmanager
def running_hub() -> Iterator[Hub]:
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    hub = Hub()
    asyncio.run_coroutine_threadsafe(_start(hub), loop).result(60)
    set_hub(hub)
    try:
        yield hub
    finally:
        set_hub(None)
        asyncio.run_coroutine_threadsafe(hub.stop(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _start(hub: Hub) -> None:
    hub.acquire()
    await hub.start()


def settle(hub: Hub) -> None:
    """Returns when the loop has done what was handed to it before."""
    done = Event()
    hub._loop.soon(done.set)
    assert done.wait(30)
