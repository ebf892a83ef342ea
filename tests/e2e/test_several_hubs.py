"""Two hubs, one PostgreSQL, one Redis: what is written at one is read at the other, and all clients hear the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, NamedTuple
from urllib.request import urlopen

import httpx
import psutil
import pytest

from tests import redis
from tests.e2e.cast import Operator, make_cast
from tests.e2e.contract import get, sync
from tests.e2e.several_hubs import HubPlace, PushClient, begin, start_hubs
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.migrated import create_migrated
from tests.servers import Installation, eventually, free_ports

pytestmark = pytest.mark.e2e


class Hubs(NamedTuple):
    """`there` is another hub of the same database; with `redis` None the same one."""

    here: HubPlace
    there: HubPlace
    redis: redis.Server | None


@pytest.fixture(scope="module")
def hubs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    """In "memory": one hub on SQLite. With "Redis": two on PostgreSQL."""
    with ExitStack() as stack:
        shares = request.param == "Redis"
        database = create_migrated(request.getfixturevalue("server")) if shares else ""
        place = Installation(tmp_path_factory.mktemp("hubs"), database)
        stack.callback(place.stop)
        waker = stack.enter_context(redis.running_server()) if shares else None
        place.env["IMHUB_REDIS_URL"] = waker.url if waker is not None else ""
        hubs = start_hubs(make_cast(place, Operator("ann", {"a": "operate", "b": "operate"})), 2 if shares else 1)
        yield Hubs(hubs[0], hubs[-1], waker)


def health(hub: HubPlace) -> str:
    with urlopen(f"{hub.place.url}/healthz", timeout=10) as answer:
        said: str = answer.read().decode()
        return said


def of(account: str, *numbers: int) -> dict[str, Any]:
    messages = [a_message(f"m{n}", "c", n, account) for n in numbers]
    return a_snapshot(conversations=[a_conversation("c", account)], messages=messages) | {"partial": ["messages"]}


def ids(client: httpx.Client, account: str) -> set[str]:
    return {row["msg_id"] for row in get(client, f"messages?account_id={account}")["messages"]}


def read_after(wrote: httpx.Response, client: httpx.Client, path: str) -> Any:
    """The item as a hub has it that knows of the write: one that does not in time says that it is to be asked again."""
    known = {"IMHub-Min-Version": wrote.headers["IMHub-Version"]}

    def ask() -> Any:
        answer = client.get(path, headers=known)
        assert answer.status_code == 200 or (answer.status_code == 503 and answer.headers["Retry-After"])
        return answer.json()["data"]

    return eventually(ask, f"{path} at the version that was written", 60)


def pinned(client: PushClient) -> bool:
    return any(kind == "conversation.updated" and data["is_pinned"] for _, kind, data in client.events.get("a", ()))


@pytest.mark.parametrize("hubs", ["memory", "Redis"], indirect=True)
def test_what_is_written_at_one_hub_is_read_at_the_other_and_all_clients_hear_the_same(hubs: Hubs) -> None:
    here, there, _ = hubs
    with (
        here.cast.worker() as worker,
        here.cast.client("ann") as ann,
        there.cast.client("ann") as far,
    ):
        assert sync(worker, "a", of("a", 1))["success"]
        eventually(lambda: ids(far, "a") == {"msg_a_m1"}, "the first message at the other hub", 60)
        with PushClient(here, "ann") as near_client, PushClient(there, "ann") as far_client:
            sync(worker, "a", of("a", 2, 3))
            wrote = far.put("/api/im/conversations/conv_a_c/read")
            assert wrote.json()["data"] == read_after(wrote, ann, "/api/im/conversations/conv_a_c")
            assert ann.put("/api/im/conversations/conv_a_c/pin").status_code == 200
            for client in (near_client, far_client):
                client.read_until(partial(pinned, client))
            numbers = [seq for seq, _, _ in near_client.events["a"]]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert [event[:2] for event in far_client.events["a"]] == [event[:2] for event in near_client.events["a"]]
            for client in (near_client, far_client):
                assert client.has("a", "message.created", "msg_a_m3")
                assert [frame["type"] for frame in client.others if frame["type"] == "reset"] == []


@pytest.mark.parametrize("hubs", ["Redis"], indirect=True)
def test_redis_may_die_and_costs_a_second_of_freshness(hubs: Hubs) -> None:
    here, there, waker = hubs
    assert waker is not None
    eventually(lambda: health(here) == health(there) == '{"status":"ok"}', "both are well", 60)
    with here.cast.worker() as worker, there.cast.client("ann") as far:
        waker.stop()
        try:
            gone = '{"status":"degraded","redis":"gone: fresh within a second"}'
            eventually(lambda: health(here) == health(there) == gone, "both say that Redis is gone", 60)
            assert sync(worker, "b", of("b", 1))["success"]
            eventually(lambda: ids(far, "b") == {"msg_b_m1"}, "what was written without Redis", 60)
        finally:
            waker.start()
        eventually(lambda: health(here) == health(there) == '{"status":"ok"}', "both say that it is back", 60)
        assert sync(worker, "b", of("b", 2))["success"]
        eventually(lambda: ids(far, "b") == {"msg_b_m1", "msg_b_m2"}, "what was written afterwards", 60)


@pytest.mark.parametrize("hubs", ["Redis"], indirect=True)
def test_several_processes_serve_one_address_and_one_that_is_killed_is_started_again(hubs: Hubs) -> None:
    several = begin(hubs.here.cast, "several", free_ports(1)[0], "--processes", "2")
    several.place.wait_for(several.process, f"{several.place.url}/healthz")
    first = eventually(lambda: two_of(several), "two processes", 60)
    with several.cast.client("ann") as ann:
        wrote = ann.post("/api/im/conversations", json={"account_id": "a", "participant": {"user_id": "zoe"}})
    for _ in range(10):  # each on a connection of its own, which either of them may take
        with several.cast.client("ann") as ann:
            assert read_after(wrote, ann, "/api/im/conversations/conv_a_zoe") == wrote.json()["data"]
    first[0].kill()
    eventually(lambda: two_of(several) not in (None, first), "another process in the place of the one that died", 60)
    several.place.wait_for(several.process, f"{several.place.url}/healthz")
    assert several.process.stop() == 0
    assert not any(child.is_running() for child in first)


def two_of(several: HubPlace) -> list[psutil.Process] | None:
    children = several.process.children
    return sorted(children, key=lambda child: child.pid) if len(children) == 2 else None
