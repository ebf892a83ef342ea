"""What holds for every write: who may do it, that it is idempotent, durable, and that no snapshot takes it back."""

from typing import Any, NamedTuple

import httpx
import pytest

from im_api.route_table import ROUTES
from sync.hub import Hub
from sync.models import Change
from tests.im_api.builders import T0
from tests.im_api.conftest import Connect, acc_b, check_refusal, get, push, send, stored

DAY = 86_400_000


class Write(NamedTuple):
    """`path` is of acc-b; `route` the one it takes. `effect`: false where it finds everything as it is to be."""

    route: str
    path: str
    body: Any = None
    effect: bool = True

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    def __str__(self) -> str:
        return self.route


CONVERSATION, MESSAGE, WORK = "conversations/conv_acc-b_mia", "messages/msg_acc-b_m1", "contents/cont_acc-b_w1"
COMMENT, NOTICE = "discussions/comm_acc-b_c1", "notifications/notif_acc-b_n1"
WRITES = [
    Write("POST conversations", "conversations", {"account_id": "acc-b", "participant": {"user_id": "new"}}),
    Write("PUT conversations/{id}/read", f"{CONVERSATION}/read"),
    Write("DELETE conversations/{id}/read", f"{CONVERSATION}/read", effect=False),
    Write("PUT conversations/{id}/pin", f"{CONVERSATION}/pin"),
    Write("DELETE conversations/{id}/pin", f"{CONVERSATION}/pin"),
    Write("PUT conversations/{id}/mute", f"{CONVERSATION}/mute"),
    Write("DELETE conversations/{id}/mute", f"{CONVERSATION}/mute"),
    Write("PUT conversations/{id}/done", f"{CONVERSATION}/done"),
    Write("DELETE conversations/{id}/done", f"{CONVERSATION}/done", effect=False),
    Write("PUT conversations/{id}/restore", f"{CONVERSATION}/restore", effect=False),
    Write("DELETE conversations/{id}", CONVERSATION),
    Write("PUT messages/{id}/read", f"{MESSAGE}/read"),
    Write("DELETE messages/{id}/read", f"{MESSAGE}/read", effect=False),
    Write("PUT messages/{id}/recall", f"{MESSAGE}/recall"),
    Write("PUT messages/{id}/restore", f"{MESSAGE}/restore", effect=False),
    Write("PUT messages/{id}/status", f"{MESSAGE}/status", {"status": "failed"}),
    Write("DELETE messages/{id}", MESSAGE),
    Write("PUT contents/{id}/read", f"{WORK}/read"),
    Write("PUT discussions/{id}/read", f"{COMMENT}/read"),
    Write("DELETE discussions/{id}/read", f"{COMMENT}/read", effect=False),
    Write("PUT discussions/{id}/done", f"{COMMENT}/done"),
    Write("DELETE discussions/{id}/done", f"{COMMENT}/done", effect=False),
    Write("PUT discussions/{id}/restore", f"{COMMENT}/restore", effect=False),
    Write("DELETE discussions/{id}", COMMENT),
    Write("PUT notifications/{id}/read", f"{NOTICE}/read"),
    Write("PUT unified-messages/{id}/read", "unified-messages/msg_acc-b_m1/read"),
    Write("PUT unified-messages/read-many", "unified-messages/read-many", {"message_ids": ["comm_acc-b_c1"]}),
    Write(
        "PUT unified-messages/read-many",
        "unified-messages/read-many",
        {"account_id": "acc-b", "before": T0 + DAY},
    ),
]
OWNERS = [
    Write("POST accounts", "accounts", {"user_id": "acc-c", "user_name": "C"}),
    Write("PUT accounts/{id}", "accounts/acc-b", {"alias": "B"}),
    Write("PATCH accounts/{id}", "accounts/acc-b", {"alias": "B"}),
    Write("DELETE accounts/{id}", "accounts/acc-b"),
]
# In test_logins.py, test_notes.py, test_saved_replies.py, test_replies.py, the inbox's test_computers.py: about no item
# of a snapshot.
ELSEWHERE = {
    "POST accounts/{id}/login",
    "POST accounts/{id}/login/code",
    "POST accounts/{id}/login/link",
    "POST accounts/{id}/logout",
    "POST pair",
    "PUT people/{account_id}/{id}/note",
    "POST replies",
    "POST replies/{id}/retry",
    "DELETE replies/{id}",
    "POST messages",
    "POST discussions",
    "POST saved-replies",
    "PUT saved-replies/{id}",
    "DELETE saved-replies/{id}",
}
READS = [
    "/conversations",
    "/messages",
    "/contents",
    "/discussions",
    "/notifications",
    "/unified-messages",
    "/unified-messages/stats",
    "/threads",
]


async def do(client: httpx.AsyncClient, write: Write) -> httpx.Response:
    return await client.request(write.method, f"/api/im/{write.path}", json=write.body)


async def see_all(client: httpx.AsyncClient) -> list[Any]:
    return [await get(client, path, account_id="acc-b") for path in READS]


def test_every_write_is_here() -> None:
    writes = {
        f"{method.upper()} {route.path}"
        for route in ROUTES
        for method in route.actions
        if method not in ("get", "head")
    }
    assert {write.route for write in WRITES + OWNERS} | ELSEWHERE == writes


@pytest.mark.parametrize("write", WRITES, ids=str)
async def test_with_a_read_grant_nothing_is_written(bob: httpx.AsyncClient, hub: Hub, write: Write) -> None:
    message = check_refusal(await do(bob, write), 403)
    assert message == "You may read account acc-b, and not change anything in it"


@pytest.mark.parametrize("write", WRITES, ids=str)
async def test_what_is_not_granted_does_not_exist(
    alice: httpx.AsyncClient, charlie: httpx.AsyncClient, write: Write
) -> None:
    for stranger in (alice, charlie):
        assert check_refusal(await do(stranger, write), 404).endswith(" not found")


@pytest.mark.parametrize("write", OWNERS, ids=str)
async def test_accounts_are_the_owners(bob: httpx.AsyncClient, alice: httpx.AsyncClient, write: Write) -> None:
    for operator in (alice, bob):
        assert check_refusal(await do(operator, write), 403) == "Only the owner may do this"


@pytest.mark.parametrize("write", [w for w in WRITES if "{id}" in w.route], ids=str)
async def test_an_item_that_nobody_knows_is_404(olivia: httpx.AsyncClient, write: Write) -> None:
    unknown = write._replace(path=write.path.replace("acc-b_", "acc-b_no"))
    assert check_refusal(await do(olivia, unknown), 404).endswith(" not found")


@pytest.mark.parametrize("write", WRITES, ids=str)
async def test_a_write_happens_once_and_stays(writing_hub: Hub, connect: Connect, write: Write) -> None:
    """Repeated it changes nothing; nor do the worker's next snapshot and a restart."""
    olivia, before = connect("olivia"), writing_hub.store.get_view("acc-b").version
    first = await do(olivia, write)
    version = before + write.effect
    assert first.status_code in (200, 201), first.text
    assert first.headers["IMHub-Version"] == f"acc-b={version}"
    seq = writing_hub.store.get_view("acc-b").seq
    assert first.headers["IMHub-Seq"] == f"acc-b={seq}"
    seen = await see_all(olivia)

    again = await do(olivia, write)
    assert again.status_code == 200
    assert again.headers["IMHub-Version"] == f"acc-b={version}"
    if "marked_count" not in first.text:
        assert again.json() == first.json()

    await push(writing_hub, "acc-b", acc_b())
    assert await see_all(olivia) == seen
    assert await stored(writing_hub, "acc-b") == writing_hub.store.get_view("acc-b")


async def test_the_history_says_who_did_what_and_from_where(writing_hub: Hub, connect: Connect) -> None:
    await send(connect("alice"), "PUT", "/conversations/conv_acc-a_ben/read")
    row = await Change.objects.order_by("-pk").afirst()
    assert row is not None
    assert (row.account_id, row.action, row.actor, row.origin) == (
        "acc-a",
        "read",
        "user:alice",
        "token cli, 127.0.0.1",
    )
