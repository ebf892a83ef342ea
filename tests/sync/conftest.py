"""A real hub on the test's event loop, and workers that speak plain JSON."""

from collections.abc import AsyncIterator

import pytest

from sync.hub import Hub, set_hub


@pytest.fixture
async def hub(transactional_db: None) -> AsyncIterator[Hub]:
    hub = Hub()
    hub.acquire()
    await hub.start()
    set_hub(hub)
    yield hub
    set_hub(None)
    await hub.stop()
