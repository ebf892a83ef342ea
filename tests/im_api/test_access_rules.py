"""Who sees what, over every route of the table."""

import httpx
import pytest

from im_api.route_table import ROUTES
from sync.hub import Hub
from tests.im_api.conftest import Connect, check_refusal, get, refused

OPEN = {"health", "version", "pair"}
WRITTEN_HERE = "replies/{id}"
"""Nobody has written a reply here; test_replies.py says who sees one."""
OF_THE_DATABASE = "accounts/{id}/coverage"
"""Its own tests say who may ask: this hub has no database."""
OF_A_USER = "saved-replies"
IDS = {
    "accounts": "acc-b",
    "conversations": "conv_acc-b_mia",
    "messages": "msg_acc-b_m1",
    "contents": "cont_acc-b_w1",
    "discussions": "comm_acc-b_c1",
    "notifications": "notif_acc-b_n1",
}
LISTS = ["conversations", "messages", "contents", "discussions", "notifications", "unified-messages"]
CLOSED = [
    (method, route.path)
    for route in ROUTES
    if route.path not in OPEN
    for method in ("get", "post", "put", "patch", "delete")
]


def concrete(path: str) -> str:
    collection = path.partition("/")[0]
    return "/api/im/" + path.replace("{account_id}", "acc-b").replace("{id}", IDS.get(collection, "x"))


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_without_credentials_nothing_is_said(nobody: httpx.AsyncClient, method: str, path: str) -> None:
    response = await nobody.request(method, concrete(path))
    check_refusal(response, 401)
    assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("path", ["/api/v1/status", "/metrics", "/api/im", "/api/im/", "/api/im/nothing", "/api/x"])
async def test_without_credentials_nothing_is_said_elsewhere(nobody: httpx.AsyncClient, path: str) -> None:
    check_refusal(await nobody.get(path), 401)


async def test_health_and_version_are_open(nobody: httpx.AsyncClient) -> None:
    health = await get(nobody, "/health")
    assert (health["status"], health["version"]) == ("ok", "0.1.0")
    assert isinstance(health["timestamp"], int)
    assert set(await get(nobody, "/version")) == {"api_version", "compatibility", "supported_platforms"}


@pytest.mark.parametrize(
    "path",
    [
        r.path
        for r in ROUTES
        if "{id}" in r.path
        and "get" in r.actions
        and not r.path.startswith(OF_A_USER)
        and r.path not in (OF_THE_DATABASE, WRITTEN_HERE)
    ],
)
async def test_an_item_of_an_account_that_is_not_granted_does_not_exist(hub: Hub, connect: Connect, path: str) -> None:
    assert (await connect("bob").get(concrete(path))).status_code == 200
    assert (await connect("olivia").get(concrete(path))).status_code == 200
    for stranger in ("alice", "charlie"):
        check_refusal(await connect(stranger).get(concrete(path)), 404)
        check_refusal(await connect(stranger).get(concrete(path), params={"account_id": "acc-b"}), 404)


@pytest.mark.parametrize("name", LISTS)
async def test_two_users_see_nothing_of_each_other(alice: httpx.AsyncClient, bob: httpx.AsyncClient, name: str) -> None:
    mine = await get(alice, f"/{name}", account_id="acc-a", count=200)
    theirs = await get(bob, f"/{name}", account_id="acc-b", count=200)
    key = "messages" if name == "unified-messages" else name
    assert {row["account_id"] for row in mine[key]} == {"acc-a"}
    assert {row["account_id"] for row in theirs[key]} == {"acc-b"}
    assert await refused(alice, f"/{name}", 404, account_id="acc-b") == "Account not found"
    assert await refused(bob, f"/{name}", 404, account_id="acc-a") == "Account not found"
    assert await refused(bob, f"/{name}", 404, account_id="no-such-account") == "Account not found"


@pytest.mark.parametrize("credentials", ["Token wrong", "Token", "Token a b", "token  wrong"])
@pytest.mark.django_db(transaction=True)
async def test_a_wrong_token_is_refused(nobody: httpx.AsyncClient, credentials: str) -> None:
    response = await nobody.get("/api/im/accounts", headers={"Authorization": credentials})
    assert check_refusal(response, 401) == "This token is not valid"


async def test_another_scheme_is_no_credential(nobody: httpx.AsyncClient) -> None:
    check_refusal(await nobody.get("/api/im/accounts", headers={"Authorization": "Bearer alice"}), 401)


async def test_the_status_is_for_the_owner(alice: httpx.AsyncClient, olivia: httpx.AsyncClient) -> None:
    assert check_refusal(await alice.get("/api/v1/status"), 403) == "Only the owner may do this"
    check_refusal(await alice.get("/metrics"), 403)
    assert (await olivia.get("/api/v1/status")).status_code == 200
