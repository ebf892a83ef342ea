"""Two operators at once on one hub, by every route: neither receives a byte of what is the other's."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from im_api.route_table import ROUTES
from tests.e2e.cast import Cast, Operator, make_cast
from tests.e2e.contract import sync
from tests.im_api.builders import a_comment, a_conversation, a_message, a_notice, a_snapshot, a_work
from tests.servers import Installation

pytestmark = pytest.mark.e2e

ROUNDS = 2
WITHIN_S = 120
AT_ONCE = 6
OPERATORS = (Operator("ann", {"shop-1": "operate"}), Operator("ben", {"shop-2": "read"}))
OTHER = {"shop-1": "shop-2", "shop-2": "shop-1"}
LISTS = ("conversations", "messages", "contents", "discussions", "notifications", "unified-messages")
ITEMS = ("conv_{}_c1", "msg_{}_m1", "cont_{}_w1", "comm_{}_k1", "notif_{}_n1")
ITEM_OF = dict(zip(LISTS, ITEMS, strict=False))
FILTERS = ("", "&count=1", "&q=MARK", "&q=秘密", "&cursor=0", "&is_new=true")


class Asked(NamedTuple):
    """`status`: what must come back; None: anything but an error of the hub."""

    method: str
    path: str
    status: int | None
    body: Any = None


def mark(account: str) -> str:
    """Stands in everything that people wrote in that account, and in nothing that is asked for."""
    return f"秘密 of {account[::-1]} MARK"


def a_marked_snapshot(account: str) -> dict[str, Any]:
    said = mark(account)
    return a_snapshot(
        conversations=[a_conversation("c1", account, userName=said, userId=f"u {said}")],
        messages=[a_message(f"m{n}", "c1", n, account, content=f"{n} {said}", senderName=said) for n in range(1, 30)],
        contents=[a_work("w1", account, title=said, description=said)],
        comments=[a_comment(f"k{n}", "w1", n, account, content=said, authorName=said) for n in range(1, 30)],
        notifications=[a_notice("n1", 1, account, content=said, triggerName=said)],
    )


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    place = Installation(tmp_path_factory.mktemp("operators"))
    place.env["IMHUB_THREADS"] = "64"  # room for all that both ask at once, from one address
    try:
        cast = make_cast(place, *OPERATORS)
        place.start_hub()
        with cast.worker() as worker:
            for account in OTHER:
                assert sync(worker, account, a_marked_snapshot(account))["changed"] is True
        yield cast
    finally:
        place.stop()


def reads(mine: str) -> list[Asked]:
    theirs = OTHER[mine]
    asked = [Asked("GET", "accounts", 200), Asked("GET", "unified-messages/stats?account_id=all", 200)]
    asked += [Asked("GET", f"{name}?account_id={mine}{extra}", 200) for name in LISTS for extra in FILTERS]
    asked += [Asked("GET", f"unified-messages?account_id=all{extra}", 200) for extra in FILTERS]
    for name in (*LISTS, "unified-messages/stats"):
        asked.append(Asked("GET", f"{name}?account_id={theirs}", 404))
    asked += [Asked("GET", f"{name}?account_id={mine},{theirs}", 404) for name in ("unified-messages",)]
    asked.append(Asked("GET", f"messages?conversation_id=conv_{theirs}_c1", 404))
    asked.append(Asked("GET", f"messages?account_id={mine}&conversation_id=conv_{theirs}_c1", None))
    for account, status in ((mine, 200), (theirs, 404)):
        asked.append(Asked("GET", f"accounts/{account}", status))
        asked += [Asked("GET", f"{name}/{item.format(account)}", status) for name, item in ITEM_OF.items()]
        asked.append(Asked("GET", f"conversations/conv_{account}_c1/messages?count=200", status))
        asked.append(Asked("GET", f"contents/cont_{account}_w1/stats", status))
        asked.append(Asked("GET", f"discussions/comm_{account}_k1/replies", status))
    asked += [Asked("GET", f"{name}/{item.format(theirs)}?account_id={mine}", 404) for name, item in ITEM_OF.items()]
    return asked


def writes(mine: str, level: str) -> list[Asked]:
    """Every write route that names an item. Nothing of mine is deleted: it shall be there to be read."""
    asked = []
    for account, status in ((mine, 200 if level == "operate" else 403), (OTHER[mine], 404)):
        for route in ROUTES:
            name, _, rest = route.path.partition("/")
            if name not in ITEM_OF or not rest.startswith("{id}"):
                continue
            path = route.path.replace("{id}", ITEM_OF[name].format(account))
            body = {"status": "read"} if rest.endswith("status") else None
            for method, action in route.actions.items():
                deletes = status == 200 and action == "destroy"
                if method in ("put", "delete") and action != "not_built" and not deletes:
                    asked.append(Asked(method.upper(), path, status, body))
    asked.append(Asked("PUT", "unified-messages/read-many", None, {"message_ids": [ITEMS[1].format(OTHER[mine])]}))
    asked.append(Asked("PUT", "unified-messages/read-many", 404, {"account_id": OTHER[mine], "before": 2**41}))
    return asked


class Hammer:
    """One operator. `received` is every byte of every answer, headers too."""

    def __init__(self, client: httpx.AsyncClient, asked: list[Asked]) -> None:
        self._client = client
        self._asked = asked
        self._todo = itertools.cycle(asked)
        self.count = 0
        self.received: list[bytes] = []
        self.wrong: list[str] = []

    @property
    def has_all(self) -> bool:
        """All that it asks for was answered, in every round."""
        return self.count >= ROUNDS * len(self._asked) + AT_ONCE

    async def run(self, ended: Callable[[], bool]) -> None:
        while not ended():
            asked = next(self._todo)
            response = await self._client.request(asked.method, f"/api/im/{asked.path}", json=asked.body)
            self.count += 1
            self.received.append(b"".join(name + value for name, value in response.headers.raw) + response.content)
            good = response.status_code < 500 if asked.status is None else response.status_code == asked.status
            if not good:
                self.wrong.append(f"{response.status_code} for {asked}: {response.text[:200]}")


async def hammer_at_once(cast: Cast) -> dict[str, Hammer]:
    """Both ask on, side by side, until both have all answers."""
    async with cast.async_client("ann") as ann, cast.async_client("ben") as ben:
        hammers = {
            "shop-1": Hammer(ann, reads("shop-1") + writes("shop-1", "operate")),
            "shop-2": Hammer(ben, reads("shop-2") + writes("shop-2", "read")),
        }

        def ended() -> bool:
            return all(hammer.has_all for hammer in hammers.values())

        runs = [hammer.run(ended) for hammer in hammers.values() for _ in range(AT_ONCE)]
        await asyncio.wait_for(asyncio.gather(*runs), WITHIN_S)
        return hammers


class Hammered(NamedTuple):
    """`before`, `after`: what ben sees of the shop where he may only read, and ann nothing."""

    hammers: dict[str, Hammer]
    before: list[Any]
    after: list[Any]


@pytest.fixture(scope="module")
def hammered(cast: Cast) -> Hammered:
    with cast.client("ben") as ben:
        before = all_of_shop_2(ben)
        hammers = asyncio.run(hammer_at_once(cast))
        return Hammered(hammers, before, all_of_shop_2(ben))


def all_of_shop_2(ben: httpx.Client) -> list[Any]:
    lists = [ben.get(f"/api/im/{name}?account_id=shop-2&count=200").json()["data"] for name in LISTS]
    return [*lists, ben.get("/api/im/unified-messages/stats?account_id=shop-2").json()["data"]]


def test_neither_receives_a_byte_of_the_other(cast: Cast, hammered: Hammered) -> None:
    for mine, hammer in hammered.hammers.items():
        print(f"{mine}: {hammer.count} answers")
        assert hammer.wrong == []
        everything = b"\n".join(hammer.received)
        assert mark(mine).encode() in everything
        assert mark(OTHER[mine]).encode() not in everything
    assert "Traceback" not in cast.place.processes[0].tail()


def test_what_was_not_theirs_to_change_is_as_it_was(hammered: Hammered) -> None:
    """ann is refused at shop-2, ben may only read there: after all of it nothing there is read, pinned or gone."""
    assert mark("shop-2") in str(hammered.before)
    assert hammered.after == hammered.before
