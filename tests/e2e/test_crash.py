"""kill -9 at the worst moment. What was acknowledged is there before any worker comes back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.cast import Operator, make_cast
from tests.processes import ROOT
from tests.servers import Installation

pytestmark = pytest.mark.e2e

SEED = json.loads((ROOT / "tests/data/seed-snapshot.json").read_text("utf-8"))


def frame(type: str, payload: dict[str, Any]) -> str:
    return json.dumps({"type": type, "version": "v1", "timestamp": 1, "payload": payload, "requestId": type})


@contextmanager
def a_worker(place: Installation, token: str) -> Iterator[ClientConnection]:
    """A registered worker that speaks plain JSON."""
    headers = {"Authorization": f"Bearer {token}"}
    with connect(f"ws://127.0.0.1:{place.port}/ws/worker/", additional_headers=headers) as socket:
        socket.send(frame("worker:register", {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 5}))
        assert json.loads(socket.recv(10))["payload"]["success"]
        yield socket


def test_what_was_acknowledged_survives_kill_9_before_any_worker_connects(place: Installation) -> None:
    cast = make_cast(place, Operator("ann", {"acc-seed": "read"}))
    token, reader = cast.worker_token, cast.tokens["ann"]
    hub = place.start_hub()
    with a_worker(place, token) as socket:
        socket.send(json.dumps({**SEED, "requestId": "seed"}))
        ack = json.loads(socket.recv(10))
        hub.kill()
    assert (ack["payload"]["success"], ack["payload"]["changed"]) == (True, True)
    place.start_hub()
    rows = place.walk("/api/im/messages?account_id=acc-seed", "messages", reader)
    told = {message["id"]: message["content"] for message in SEED["payload"]["snapshot"]["data"]["messages"]}
    assert {row["msg_id"]: row["content"] for row in rows} == told
    conversations = place.walk("/api/im/conversations?account_id=acc-seed", "conversations", reader)
    assert len(conversations) == 29
    with a_worker(place, token) as socket:
        socket.send(json.dumps({**SEED, "requestId": "again"}))
        again = json.loads(socket.recv(10))["payload"]
    assert (again["success"], again["changed"], again["version"]) == (True, False, 1)
