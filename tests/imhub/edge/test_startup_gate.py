"""The startup gate: who is let in before the hub is loaded, and what is said of a hub that cannot start."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from django.db import OperationalError

import sync.hub
from im_api.openapi.views import get_document, prepare_documents
from im_api.queries.status import get_ailment
from imhub import asgi
from imhub.edge.startup_gate import StartupGate, refuse_websocket
from sync.hub import Hub, get_hub, set_hub
from sync.hub_errors import HubRefused
from tests.sync.storage.test_database_errors import full_disk
from tests.waiting import until


class Usage(NamedTuple):
    total: int
    used: int
    free: int


class SlowHub(Hub):
    """Loads when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.load = asyncio.Event()

    async def start(self) -> None:
        await self.load.wait()
        await super().start()


class Refused(Hub):
    def acquire(self) -> None:
        raise HubRefused("another hub holds it: process 7 on pc")


async def inner(scope: Any, receive: Any, send: Any) -> None:
    get_hub()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ask(gate: Any, path: str, method: str = "GET", type: str = "http") -> list[dict[str, Any]]:
    """What the application sends."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect" if type == "websocket" else "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    await gate({"type": type, "path": path, "method": method}, receive, send)
    return sent


@pytest.fixture
async def hub(transactional_db: None) -> AsyncIterator[SlowHub]:
    hub = SlowHub()
    yield hub
    set_hub(None)
    await hub.stop()


async def test_health_is_503_until_the_hub_is_loaded_and_everything_else_waits(hub: SlowHub) -> None:
    gate = StartupGate(inner, make_hub=lambda: hub)
    assert (await ask(gate, "/healthz"))[0]["status"] == 503
    waiting = asyncio.ensure_future(ask(gate, "/api/im/accounts"))
    await asyncio.sleep(0)
    assert not waiting.done()
    hub.load.set()
    assert (await waiting)[0]["status"] == 204
    health = await ask(gate, "/healthz/")
    assert (health[0]["status"], health[1]["body"]) == (200, b'{"status":"ok"}')
    assert (await ask(gate, "/healthz", "POST"))[0]["status"] == 405


async def test_the_description_of_the_api_is_made_before_the_first_request(hub: SlowHub) -> None:
    """By the start, as `serve` runs it: nobody has to wait for it, and nobody can ask for it to be made."""
    assert asgi.application._prepare is prepare_documents
    get_document.cache_clear()
    made: list[int] = []

    async def note(scope: Any, receive: Any, send: Any) -> None:
        made.append(get_document.cache_info().currsize)

    gate = StartupGate(note, make_hub=lambda: hub, prepare=asgi.application._prepare)
    assert get_document.cache_info().currsize == 0
    hub.load.set()
    await ask(gate, "/api/schema/")
    assert made == [2]


async def test_a_hub_that_cannot_store_says_so_and_goes_on_to_answer(hub: SlowHub, monkeypatch: Any) -> None:
    def refuse() -> None:
        raise OperationalError("could not extend file") from full_disk()

    monkeypatch.setattr(sync.hub, "SEEN_EVERY_S", 0.05)
    gate = StartupGate(inner, make_hub=lambda: hub)
    hub.load.set()
    assert (await ask(gate, "/api/im/accounts"))[0]["status"] == 204
    with monkeypatch.context() as broken:
        broken.setattr(hub._row, "write_seen", refuse)
        await until(lambda: hub.health.reason is not None)
        health = await ask(gate, "/healthz")
        assert health[0]["status"] == 200
        assert json.loads(health[1]["body"]) == {
            "status": "degraded",
            "reason": "the disk is full: nothing can be stored until there is room again",
        }
        assert (await ask(gate, "/api/im/accounts"))[0]["status"] == 204
        ailment = get_ailment()
        assert ailment is not None
        assert (ailment[0], hub.started_at <= ailment[1] <= hub.clock()) == ("disk_full", True)
    await until(lambda: hub.health.reason is None)
    assert get_ailment() is None
    assert json.loads((await ask(gate, "/healthz"))[1]["body"]) == {"status": "ok"}


async def test_a_disk_that_is_nearly_full_is_told_before_it_is(hub: SlowHub, monkeypatch: Any) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 50, 50 * 1024**2))
    gate = StartupGate(inner, make_hub=lambda: hub)
    hub.load.set()
    await ask(gate, "/api/im/accounts")
    await until(lambda: hub.health.reason is not None)
    health = json.loads((await ask(gate, "/healthz"))[1]["body"])
    assert health["status"] == "degraded"
    assert "64 MB" in health["reason"]


async def test_a_hub_that_may_not_start_says_why_and_lets_nobody_in(transactional_db: None) -> None:
    reasons: list[str] = []
    gate = StartupGate(inner, make_hub=Refused)
    gate.on_failure = reasons.append
    assert (await ask(gate, "/api/im/accounts"))[0]["status"] == 503
    assert (await ask(gate, "/ws/worker/", type="websocket")) == [{"type": "websocket.close", "code": 1013}]
    health = await ask(gate, "/healthz")
    assert (health[0]["status"], health[1]["body"]) == (503, b'{"status":"failed"}')
    assert reasons == ["another hub holds it: process 7 on pc"]


async def test_lifespan_fails_at_once_when_the_data_directory_is_held(transactional_db: None) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    await StartupGate(inner, make_hub=Refused)({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert "process 7 on pc" in sent[0]["message"]


async def test_two_hubs_never_share_a_data_directory(hub: SlowHub) -> None:
    hub.acquire()
    with pytest.raises(HubRefused, match="process"):
        Hub().acquire()


async def test_a_websocket_nobody_answers_is_refused() -> None:
    assert await ask(refuse_websocket, "/ws/zz/", type="websocket") == [{"type": "websocket.close"}]
