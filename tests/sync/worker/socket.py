"""A worker that speaks plain JSON, as any script may."""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from sync.hub import Hub, get_hub
from sync.models import Account, Worker
from sync.worker.consumer import WorkerConsumer
from sync.worker.tokens import new_worker_token

TIMEOUT_S = 30


async def a_worker(name: str = "w1") -> str:
    """Its token."""

    def make() -> str:
        worker, _ = Worker.objects.get_or_create(name=name)
        return new_worker_token(worker)

    token: str = await database_sync_to_async(make)()
    return token


async def an_account(account_id: str, worker: str | None = "w1", **fields: Any) -> None:
    def make() -> None:
        owner = Worker.objects.get(name=worker) if worker else None
        Account.objects.create(pk=account_id, name=f"Shop {account_id}", worker=owner, **fields)

    await database_sync_to_async(make)()


class _Socket(WebsocketCommunicator):
    """Channels' own keeps connections of the database open while it sends and reads, and a pool has only so many."""

    send_input = ApplicationCommunicator.send_input
    receive_output = ApplicationCommunicator.receive_output


class PlainWorker:
    """One connection. `say` returns the answer to what was said."""

    def __init__(self, token: str) -> None:
        self.token = token
        headers = [(b"authorization", f"Bearer {token}".encode())]
        application = WorkerConsumer.as_asgi(get_ports=lambda: get_hub().worker_ports())
        self.socket = _Socket(application, "/ws/worker/", headers=headers)
        self.socket.scope["client"] = ["127.0.0.1", 50000]
        self._asked = 0

    async def connect(self) -> bool:
        connected, _ = await self.socket.connect(timeout=TIMEOUT_S)
        return bool(connected)

    async def send_text(self, text: str) -> None:
        await self.socket.send_to(text_data=text)

    async def send(self, type: str, payload: dict[str, Any], request_id: str | None = None, **frame: Any) -> None:
        body = {"type": type, "version": "v1", "timestamp": 1_790_000_000_000, "payload": payload, **frame}
        await self.send_text(json.dumps(body if request_id is None else {**body, "requestId": request_id}))

    async def read(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.receive_from(timeout=TIMEOUT_S))
        return frame

    async def say(self, type: str, payload: dict[str, Any], **frame: Any) -> dict[str, Any]:
        self._asked += 1
        request_id = f"r{self._asked}"
        await self.send(type, payload, request_id, **frame)
        while True:
            answer = await self.read()
            if answer.get("requestId") == request_id:
                return answer

    async def register(self, worker_id: str = "w1", max_accounts: int = 10) -> dict[str, Any]:
        payload = {
            "worker_id": worker_id,
            "host": "h",
            "version": "1",
            "capabilities": [],
            "max_accounts": max_accounts,
        }
        return await self.say("worker:register", payload)

    async def sync(self, account_id: str, data: dict[str, Any], **beside: Any) -> dict[str, Any]:
        """The payload of the ack. `beside`: partial, removed, cleared; observed, part."""
        snapshot = {"platform": "douyin", "data": data}
        payload: dict[str, Any] = {"accountId": account_id, "platform": "douyin", "timestamp": 1, "snapshot": snapshot}
        for name, value in beside.items():
            (snapshot if name in ("partial", "removed", "cleared") else payload)[name] = value
        answer = await self.say("worker:data:sync", payload)
        body: dict[str, Any] = answer["payload"]
        return body

    async def closed_with(self) -> int:
        """The close code, whatever was said before it."""
        while True:
            event = await self.socket.receive_output(timeout=TIMEOUT_S)
            if event["type"] == "websocket.close":
                return int(event.get("code", 1000))

    async def disconnect(self) -> None:
        await self.socket.disconnect(timeout=TIMEOUT_S)


async def a_registered_worker(hub: Hub, *accounts: str) -> PlainWorker:
    """Worker w1 with these accounts."""
    token = await a_worker()
    for account_id in accounts:
        await an_account(account_id)
    await hub.refresh()
    worker = PlainWorker(token)
    assert await worker.connect()
    await worker.register()
    return worker
