from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.hub import Hub
from tests.alerts.stand_in import Receiver, receiving
from tests.im_api.conftest import bare_hub, hub

__all__ = ["bare_hub", "hub"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def running(hub: Hub, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Hub:
    """The hub in memory, an hour after its start, whose accounts are fine: but there is a database beside it."""
    settings.ROOT_URLCONF = "imhub.urls"
    monkeypatch.setattr(hub, "started_at", 0)
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: "crawling")
    return hub
