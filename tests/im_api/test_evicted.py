"""Clients do not notice that an account has left memory: the same answers, pages, events and writes."""

from __future__ import annotations

import httpx
import pytest

from im_api.inline import get_shared_memo
from sync.hub import Hub
from tests.bodies import put_out
from tests.im_api.conftest import get, send

READS = [
    "/conversations?account_id=acc-a",
    "/conversations/conv_acc-a_mia",
    "/conversations/conv_acc-a_mia/messages",
    "/messages?account_id=acc-a&direction=inbound",
    "/contents?account_id=acc-a",
    "/discussions?account_id=acc-a",
    "/discussions/comm_acc-a_c1/replies",
    "/notifications?account_id=acc-b",
    "/unified-messages?account_id=all",
    "/unified-messages?account_id=all&is_new=true",
    "/unified-messages/stats?account_id=all",
    "/threads?account_id=all",
    "/threads?account_id=all&sort=waiting",
    "/threads?account_id=all&needs_reply=true&count=1",
    "/threads?account_id=all&q=mia",
    "/accounts",
    "/people/acc-a/mia/note",
]


@pytest.mark.parametrize("path", READS)
async def test_a_read_is_answered_as_before(
    writing_hub: Hub, owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    first = await owner.get(f"/api/im{path}")
    monkeypatch.setattr(get_shared_memo(), "limit", 0)
    for account_id in ("acc-a", "acc-b"):
        await put_out(writing_hub, account_id)
    again = await owner.get(f"/api/im{path}")
    assert (again.status_code, again.content) == (200, first.content)


async def test_numbers_and_the_list_of_accounts_need_no_body(writing_hub: Hub, owner: httpx.AsyncClient) -> None:
    for account_id in ("acc-a", "acc-b"):
        await put_out(writing_hub, account_id)
    await get(owner, "/unified-messages/stats", account_id="all")
    await get(owner, "/accounts")
    status = (await owner.get("/api/v1/status")).json()["data"]["dataStore"]
    assert (status["residentAccounts"], status["evictedAccounts"], status["bodyReads"]) == (0, 2, 0)
    await get(owner, "/threads", account_id="acc-a")
    status = (await owner.get("/api/v1/status")).json()["data"]["dataStore"]
    assert (status["residentAccounts"], status["evictedAccounts"], status["bodyReads"]) == (1, 1, 1)
    told = (await owner.get("/metrics")).text
    assert "imhub_accounts_resident 1.0" in told
    assert "imhub_accounts_evicted 1.0" in told
    assert "imhub_body_reads_total 1.0" in told


async def test_a_write_to_an_account_that_left_is_made_and_shown(writing_hub: Hub, operator: httpx.AsyncClient) -> None:
    await put_out(writing_hub, "acc-a")
    await send(operator, "PUT", "/conversations/conv_acc-a_ben/mute")
    await put_out(writing_hub, "acc-a")
    assert (await get(operator, "/conversations/conv_acc-a_ben"))["is_muted"] is True


async def test_an_unknown_id_reads_no_account(writing_hub: Hub, owner: httpx.AsyncClient) -> None:
    for account_id in ("acc-a", "acc-b"):
        await put_out(writing_hub, account_id)
    assert (await owner.get("/api/im/messages/nothing-like-it")).status_code == 404
    assert writing_hub.store.count_bodies().reads == 0
