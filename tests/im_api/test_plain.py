"""Reads that the view answers without Django's chain. That they say what the chain does is compared at every read of
all tests here (see `compared`)."""

from typing import Any

import httpx
import pytest

from im_api import access
from im_api.inline import InlineReads, Memo
from im_api.inline.handler import InlineHandler
from im_api.models import hash_token
from im_api.route_table import ROUTES
from sync.hub import Hub
from tests.im_api.test_memo import SHARED

LIST = "/api/im/conversations?account_id=acc-a"


class Asked:
    """Clients of an application whose memo holds nothing, and how often Django's chain was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chain = 0
        self._app = InlineReads(self._refuse, Memo(0))
        answer = InlineHandler.answer

        def count(handler: InlineHandler, scope: Any) -> Any:
            self.chain += 1
            return answer(handler, scope)

        monkeypatch.setattr(InlineHandler, "answer", count)

    def client(self, username: str = "olivia", host: str = "localhost", **headers: str) -> httpx.AsyncClient:
        headers["Authorization"] = f"Token {username}"
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=f"http://{host}", headers=headers)

    async def _refuse(self, *_: object) -> None:
        raise AssertionError("a read left the event loop")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


@pytest.mark.parametrize("path", SHARED)
async def test_from_the_second_read_of_a_route_on_the_view_answers_alone(hub: Hub, asked: Asked, path: str) -> None:
    olivia = asked.client()
    first, second = await olivia.get(path), await olivia.get(path)
    assert (first.status_code, second.status_code, asked.chain) == (200, 200, 1)
    assert second.content == first.content
    assert sorted(second.headers.raw) == sorted(first.headers.raw)
    head = await olivia.head(path)
    assert (head.content, sorted(head.headers.raw)) == (b"", sorted(first.headers.raw))
    told = await olivia.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (told.status_code, told.content, asked.chain) == (304, b"", 1)


def test_each_shared_route_is_in_the_list_that_is_tried() -> None:
    """A read of accounts alone that nobody tries here could need its request, and always take the slow way."""
    shared = {route.path for route in ROUTES if route.view.is_shared and "get" in route.actions}
    tried = {path.partition("?")[0].removeprefix("/api/im/").partition("/")[0] for path in SHARED}
    assert {path.partition("/")[0] for path in shared} - tried == {"replies"}, "there is no reply in memory"


async def test_each_person_gets_what_he_may_see(hub: Hub, asked: Asked) -> None:
    path = "/api/im/unified-messages?account_id=all"
    await asked.client().get(path)
    alice, bob = await asked.client("alice").get(path), await asked.client("bob").get(path)
    assert {row["account_id"] for row in alice.json()["data"]["messages"]} == {"acc-a"}
    assert {row["account_id"] for row in bob.json()["data"]["messages"]} == {"acc-b"}
    assert asked.chain == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/im/conversations?account_id=acc-b", 404),
        ("/api/im/conversations", 400),
        ("/api/im/conversations?account_id=acc-a&unread=perhaps", 400),
        ("/api/im/conversations?account_id=acc-a&cursor=x", 400),
        ("/api/im/conversations?account_id=acc-a&" + "x=1&" * 1001, 400),
        ("/api/im/conversations?account_id=acc-a&x=%FF", 200),
        ("/api/im/conversations/conv_acc-a_mia%2Fread", 404),
        ("/api/im/conversations/conv_acc-a_mia/read", 405),
        ("/api/im/conversations/conv_acc-a_" + "x" * 300, 404),
    ],
)
async def test_what_is_wrong_is_said_by_the_framework(hub: Hub, asked: Asked, path: str, status: int) -> None:
    alice = asked.client("alice")
    await alice.get(LIST)
    before = asked.chain
    assert (await alice.get(path)).status_code == status
    assert asked.chain - before == (status != 200)


async def test_another_host_is_judged_by_the_framework(hub: Hub, asked: Asked) -> None:
    await asked.client("alice").get(LIST)
    assert (await asked.client("alice", host="evil.test").get(LIST)).status_code == 400
    assert (await asked.client("alice", host="127.0.0.1").get(LIST)).status_code == 200
    assert asked.chain == 3


async def test_a_version_to_wait_for_and_a_page_for_people_take_the_framework(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    await alice.get(LIST)
    version = (await alice.get(LIST)).headers["IMHub-Version"]
    assert (await alice.get(LIST, headers={"IMHub-Min-Version": version})).status_code == 200
    assert asked.chain == 2


async def test_a_token_whose_read_took_no_framework_was_used(hub: Hub, asked: Asked) -> None:
    alice = asked.client("alice")
    await alice.get(LIST)
    access._used.clear()
    await alice.get(LIST)
    assert set(access._used) == {hash_token("alice")}
