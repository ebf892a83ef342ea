"""A worker that sends replies, made up of plain JSON; and what a test does at the hub's side."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

from sync.core.change.changes import Change, ReplyMoved, ReplyWritten
from sync.core.replies.reply import HOLD_MS, Reply, make_reply_id
from sync.core.replies.steps import ReplyStep
from sync.hub import Hub
from sync.storage.database import in_database
from sync.storage.records import Actor
from sync.writing.jobs import Done
from tests.sync.worker.socket import TIMEOUT_S, PlainWorker, a_worker, an_account
from tests.waiting import until as wait_until

NIGHTLESS = {"night": [0, 0]}
"""A budget by which tests also pass at night."""
CONFIG = {"reply_mode": "send", "budget": NIGHTLESS}


class Clock:
    """A clock that stands, and is put forward: how long a step of the test takes changes nothing."""

    def __init__(self, now: int) -> None:
        self._now = now
        self.ahead = 0

    def __call__(self) -> int:
        return self._now + self.ahead


class ReplyWorker(PlainWorker):
    """Keeps what the hub asks of it in `asked`."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.asked: list[dict[str, Any]] = []

    async def read(self) -> dict[str, Any]:
        frame = await super().read()
        if frame["type"] == "master:reply:request":
            self.asked.append(frame)
        return frame

    async def enter(self, capabilities: tuple[str, ...] = ("reply",), worker_id: str = "w1") -> dict[str, Any]:
        payload = {"worker_id": worker_id, "capabilities": list(capabilities), "max_accounts": 10}
        return await self.say("worker:register", payload)

    async def take(self, **ack: Any) -> dict[str, Any]:
        """The next request of the hub, which is taken up, or not."""
        while not self.asked:
            await self.read()
        frame = self.asked.pop(0)
        answer = {"success": True, **ack}
        await self.send("master:reply:request:ack", answer, frame["requestId"])
        body: dict[str, Any] = frame["payload"]
        return body

    async def give_back(self, request: dict[str, Any]) -> None:
        """Its browser was lost before it asked to press."""
        refusal = {"success": False, "error_code": "busy", "error_message": "nothing was pressed"}
        more = {"retry_after_ms": 20_000}
        await self.send("master:reply:request:ack", refusal | more, f"{request['reply_id']}/{request['attempt']}")

    async def ask(self, request: dict[str, Any], state: str = "pressing", **more: Any) -> dict[str, Any]:
        """May it press?"""
        names = {name: request[name] for name in ("reply_id", "attempt")}
        answer = await self.say("worker:reply:progress", {**names, "state": state, **more})
        body: dict[str, Any] = answer["payload"]
        return body

    async def tell(self, request: dict[str, Any], state: str, **more: Any) -> dict[str, Any]:
        """How it ended."""
        names = {name: request[name] for name in ("reply_id", "attempt")}
        answer = await self.say("worker:reply:result", {**names, "state": state, **more})
        body: dict[str, Any] = answer["payload"]
        return body


async def a_reply_worker(
    hub: Hub, *accounts: str, capabilities: tuple[str, ...] = ("reply",), **config: Any
) -> ReplyWorker:
    token = await a_worker()
    for account_id in accounts or ("a",):
        await an_account(account_id, config=CONFIG | config)
    await hub.refresh()
    worker = ReplyWorker(token)
    assert await worker.connect()
    await worker.enter(capabilities)
    await worker.sync("a", {"conversations": [a_conversation()]})
    return worker


def a_conversation(platform_id: str = "7") -> dict[str, Any]:
    return {
        "id": f"conv_a_{platform_id}",
        "conversationId": platform_id,
        "userId": f"fan{platform_id}",
        "userName": "橘子汽水",
        "isStranger": False,
    }


def an_own_message(number: int, text: str, conversation: str = "7") -> dict[str, Any]:
    return {
        "id": f"msg_a_{number}",
        "messageId": str(number),
        "conversationId": conversation,
        "direction": "outbound",
        "content": text,
        "createdAt": 1_790_000_000_000 + number,
    }


async def write(hub: Hub, change: Change, account_id: str = "a") -> Done:
    return await in_database(hub.write, account_id, change, Actor("user:ann"))


async def a_reply_at(hub: Hub, text: str = "今天能送到", conversation: str = "7", **fields: Any) -> str:
    """The id of a reply that was just written."""
    client_id, now = uuid4().hex, hub.clock()
    place = f"conv_a_{conversation}"
    values: dict[str, Any] = {"kind": "message", "target": place, "thread": place, "mode": "send", "by": "ann"}
    reply = Reply(
        id=make_reply_id("a", client_id),
        client_id=client_id,
        text=text,
        created_at=now,
        not_before=now + HOLD_MS,
        **(values | fields),
    )
    await write(hub, ReplyWritten(reply=reply))
    return reply.id


async def move(hub: Hub, reply_id: str, step: ReplyStep) -> Done:
    return await write(hub, ReplyMoved(reply_id=reply_id, step=step))


def held(hub: Hub, reply_id: str) -> Reply:
    return hub.store.get_view("a").replies[reply_id]


async def until(hub: Hub, reply_id: str, state: str) -> Reply:
    """The reply once it has this state."""
    await soon(lambda: held(hub, reply_id).state == state, f"state {state}")
    return held(hub, reply_id)


soon = partial(wait_until, timeout_s=TIMEOUT_S)
"""(condition, what it is called): returns once it holds."""
