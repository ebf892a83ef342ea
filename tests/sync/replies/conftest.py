"""A real hub whose clock can be put forward, and a worker made up of plain JSON that sends replies."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sync.hub import Hub, set_hub, system_clock
from sync.replies import desk
from tests.sync.replies.worker import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(system_clock())


@pytest.fixture
async def hub(transactional_db: None, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr(desk, "TICK_S", 0.02)
    hub = Hub(clock=clock)
    hub.acquire()
    await hub.start()
    set_hub(hub)
    yield hub
    set_hub(None)
    await hub.stop()
