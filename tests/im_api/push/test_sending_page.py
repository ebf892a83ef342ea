"""The examples of docs/sending.md run here as they stand there, against a hub."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sync.core.replies.reply import Reason, ReplyState
from sync.core.replies.steps import HandedOver, HoldEnded, PressingAsked, ReplyStep, Resulted
from sync.hub import Hub
from sync.models import Account, Worker
from sync.storage.database import in_database
from tests.im_api.conftest import get, move_by_hand, send
from tests.sending_examples import EXAMPLES, PAGE, find_example
from tests.waiting import until

BEN = "conv_acc-a_ben"
PRESSED: tuple[ReplyStep, ...] = (HoldEnded(), HandedOver("w1", 1, "send"), PressingAsked(1, "w1"))


Example = Callable[[str], Any]


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """A function of the page, by its name."""
    return partial(find_example, folder=tmp_path)


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
    await until(lambda: hub.store.get_view("acc-a").replies)
    (reply_id,) = hub.store.get_view("acc-a").replies
    return reply_id


async def move(hub: Hub, reply_id: str, *steps: ReplyStep) -> None:
    await move_by_hand(hub, "acc-a", reply_id, *steps)


async def let_worker_send(hub: Hub, reply_id: str) -> None:
    sent = Resulted(1, "w1", "sent", confirmed_id="msg_acc-a_m9", evidence="response")
    await move(hub, reply_id, *PRESSED, sent)


def test_the_examples_have_twenty_lines_and_the_page_every_state() -> None:
    assert len(EXAMPLES) == 3
    for code in EXAMPLES:
        assert len([line for line in code.splitlines() if line.strip()]) <= 20
    states = re.findall(r"^\| `(\w+)` \| (?!`)", PAGE, re.MULTILINE)  # the rows of reasons name a state beside them
    assert states == [
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
    assert set(states) == set(ReplyState.__args__)  # type: ignore[attr-defined]


async def test_a_client_sends_by_rest_and_learns_that_it_arrived(
    sending_hub: Hub, operator: httpx.AsyncClient, example: Example
) -> None:
    sending = asyncio.create_task(example("send")(operator, BEN, "99 元", "msg_acc-a_m4"))
    await let_worker_send(sending_hub, await reply_of(sending_hub))
    reply = await asyncio.wait_for(sending, 60)
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
    body = {"client_id": str(uuid4()), "conversation_id": BEN, "text": "99 元"}
    seen: list[Any] = []

    async def watch() -> None:
        seen.extend([reply async for reply in example("watch")(operator, address, "acc-a", body)])

    watching = asyncio.create_task(watch())
    await let_worker_send(sending_hub, await reply_of(sending_hub))
    await asyncio.wait_for(watching, 60)
    assert [reply["state"] for reply in seen] == ["held", "queued", "typing", "pressing", "sent"]
    assert await get(operator, f"/replies/{seen[0]['reply_id']}") == seen[-1]


async def test_a_client_takes_a_reply_back_while_it_may_and_tries_one_again_that_did_not_go(
    sending_hub: Hub, operator: httpx.AsyncClient, example: Example
) -> None:
    cancel, retry = example("cancel"), example("retry")
    body = {"client_id": str(uuid4()), "conversation_id": BEN, "text": "99 元"}
    first = await send(operator, "POST", "/replies", body, status=201)
    assert await cancel(operator, first["reply_id"])
    second = await send(operator, "POST", "/replies", {**body, "client_id": str(uuid4())}, status=201)
    await move(sending_hub, second["reply_id"], *PRESSED)
    assert not await cancel(operator, second["reply_id"])
    await move(sending_hub, second["reply_id"], Resulted(1, "w1", "refused", Reason("blocked", "对方已拒收")))
    again = await retry(operator, second["reply_id"])
    assert (again["state"], again["retry_of"], again["text"]) == ("held", second["reply_id"], "99 元")
