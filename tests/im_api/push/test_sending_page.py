"""The examples of docs/sending.md run here as they stand there, against a hub."""

from __future__ import annotations

import asyncio
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.core.change.changes import ReplyMoved
from sync.core.replies.reply import ReplyState
from sync.core.replies.steps import HandedOver, HoldEnded, PressingAsked, Resulted
from sync.hub import Hub
from sync.models import Account, Worker
from sync.storage.database import in_database
from sync.storage.records import Actor
from tests.im_api.conftest import get, send
from tests.im_api.push.test_push_client import eventually

PAGE = (Path(__file__).parents[3] / "docs" / "sending.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
BEN = "conv_acc-a_ben"


Example = Callable[[str], Any]


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """A function of the page, by its name."""

    def find(name: str) -> Any:
        (code,) = [code for code in EXAMPLES if f"def {name}(" in code]
        file = tmp_path / f"{name}.py"
        file.write_text(code, "utf-8")
        return runpy.run_path(str(file))[name]

    return find


@pytest.fixture
async def sending_hub(writing_hub: Hub) -> Hub:
    def switch_on() -> None:
        account = Account.objects.get(pk="acc-a")
        account.worker, account.config = Worker.objects.get_or_create(name="w1")[0], {"reply_mode": "send"}
        account.save()

    await in_database(switch_on)
    await writing_hub.refresh()
    return writing_hub


async def reply_of(hub: Hub) -> str:
    """The id of the reply once it is written."""
    await eventually(lambda: hub.store.get_view("acc-a").replies)
    (reply_id,) = hub.store.get_view("acc-a").replies
    return reply_id


async def let_worker_send(hub: Hub, reply_id: str) -> None:
    sent = Resulted(1, "w1", "sent", confirmed_id="msg_acc-a_m9", evidence="response")
    for step in (HoldEnded(), HandedOver("w1", 1, "send"), PressingAsked(1, "w1"), sent):
        await in_database(hub.write, "acc-a", ReplyMoved(reply_id=reply_id, step=step), Actor("worker:w1"))


def test_the_examples_have_twenty_lines_and_the_page_every_state() -> None:
    assert len(EXAMPLES) == 2
    for code in EXAMPLES:
        assert len([line for line in code.splitlines() if line.strip()]) <= 20
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [
        "held",
        "queued",
        "typing",
        "pressing",
        "sent",
        "refused",
        "failed",
        "unknown",
        "cancelled",
    ]
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(ReplyState.__args__)  # type: ignore[attr-defined]


async def test_a_client_sends_by_rest_and_learns_that_it_arrived(
    sending_hub: Hub, operator: httpx.AsyncClient, example: Example
) -> None:
    sending = asyncio.create_task(example("send")(operator, BEN, "99 元", "msg_acc-a_m4"))
    await let_worker_send(sending_hub, await reply_of(sending_hub))
    reply = await asyncio.wait_for(sending, 20)
    assert (reply["state"], reply["confirmed_id"]) == ("sent", "msg_acc-a_m9")


async def test_a_client_that_comes_second_is_told_what_was_answered(
    sending_hub: Hub, operator: httpx.AsyncClient, owner: httpx.AsyncClient, example: Example
) -> None:
    first = {"client_id": "7a1e7c3e-2f57-4c3b-9c65-0d3a5f1b2c4d", "conversation_id": BEN, "text": "有的"}
    await send(owner, "POST", "/replies", first, status=201)
    found = await example("send")(operator, BEN, "99 元", "msg_acc-a_m4")
    assert (found["text"], found["by"]["name"]) == ("有的", "olivia")


async def test_a_client_watches_a_reply_by_push(
    sending_hub: Hub, operator: httpx.AsyncClient, address: str, example: Example
) -> None:
    body = {"client_id": "7a1e7c3e-2f57-4c3b-9c65-0d3a5f1b2c4d", "conversation_id": BEN, "text": "99 元"}
    reply_id = (await send(operator, "POST", "/replies", body, status=201))["reply_id"]
    seen: list[Any] = []

    async def watch() -> None:
        seen.extend([reply async for reply in example("watch")(address, "alice", "acc-a", reply_id)])

    watching = asyncio.create_task(watch())
    await eventually(lambda: watching.done() or _is_followed(sending_hub))
    await let_worker_send(sending_hub, reply_id)
    await asyncio.wait_for(watching, 20)
    assert [reply["state"] for reply in seen] == ["queued", "typing", "pressing", "sent"]
    assert await get(operator, f"/replies/{reply_id}") == seen[-1]


def _is_followed(hub: Hub) -> bool:
    """Somebody is subscribed to the account."""
    (feed,) = hub._followers
    return any("acc-a" in connection._subscriptions for connection in feed._connections)  # type: ignore[attr-defined]
