"""Which thread somebody has open is seen by the other windows on the account, for as long as it is."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from im_api.models import Grant
from im_api.push import pace
from im_api.push.connection import VIEWS_A_SECOND
from im_api.push.feed import PushFeed
from sync.hub import Hub
from sync.storage.database import in_database
from tests.im_api.push.conftest import Listen, change


def seen(thread_id: str | None, user_name: str = "alice") -> dict[str, Any]:
    return {"type": "viewing", "account": "acc-a", "thread_id": thread_id, "user_name": user_name}


BEN, MIA = "conv_acc-a_ben", "conv_acc-a_mia"


async def test_who_leaves_a_thread_is_seen_to_leave(listen: Listen) -> None:
    mine, hers = await listen("alice"), await listen("olivia")
    for client in (mine, hers):
        await client.subscribe("all")
    for thread_id in (BEN, MIA, "nothing", None, None):
        await mine.say(type="viewing", thread_id=thread_id)
    await mine.catch_up()
    assert await hers.catch_up() == [seen(BEN), seen(MIA), seen(None)]


async def test_the_same_again_is_not_told(listen: Listen) -> None:
    mine, hers = await listen("alice"), await listen("olivia")
    for client in (mine, hers):
        await client.subscribe("all")
    for thread_id in (BEN, BEN, BEN, MIA, MIA):
        await mine.say(type="viewing", thread_id=thread_id)
    await mine.catch_up()
    assert await hers.catch_up() == [seen(BEN), seen(MIA)]


async def test_who_answers_is_said_each_time_and_that_it_ended(listen: Listen) -> None:
    """Whoever hears of it forgets it soon, so the same again is told."""
    mine, hers = await listen("alice"), await listen("olivia")
    for client in (mine, hers):
        await client.subscribe("all")
    for typing in (True, True, False, False):
        await mine.say(type="viewing", thread_id=BEN, typing=typing)
    await mine.catch_up()
    typed = seen(BEN) | {"typing": True}
    assert await hers.catch_up() == [typed, typed, seen(BEN)]


async def test_of_who_may_only_read_nobody_hears_that_he_answers(listen: Listen) -> None:
    bobs, hers = await listen("bob"), await listen("olivia")
    for client in (bobs, hers):
        await client.subscribe("all")
    there = "conv_acc-b_mia"
    for typing in (True, True, False, True):
        await bobs.say(type="viewing", thread_id=there, typing=typing)
    await bobs.catch_up()
    assert await hers.catch_up() == [{**seen(there, "bob"), "account": "acc-b"}]


async def test_of_hundreds_in_a_second_a_few_are_told_and_the_last_one_later(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SECOND_S", 3600)
    mine, hers = await listen("alice"), await listen("olivia")
    for client in (mine, hers):
        await client.subscribe("all")
    for number in range(300):
        await mine.say(type="viewing", thread_id=(BEN, MIA)[number % 2])
    await mine.catch_up()
    assert len(await hers.catch_up()) == VIEWS_A_SECOND


async def test_what_came_last_is_handed_on_when_the_second_is_over() -> None:
    taken: list[int] = []
    paced = pace.Pace(3, taken.append)
    for number in range(300):
        paced.put(number)
    assert taken == [0, 1, 2]
    paced._begin_anew()
    assert taken == [0, 1, 2, 299]
    paced.end()


@pytest.mark.parametrize("way", ["disconnects", "is signed out", "loses the grant"])
async def test_who_is_gone_is_seen_to_leave(writing_hub: Hub, listen: Listen, way: str) -> None:
    mine, hers = await listen("alice"), await listen("olivia")
    for client in (mine, hers):
        await client.subscribe("all")
    await mine.say(type="viewing", thread_id=BEN)
    assert await hers.read() == seen(BEN)
    if way == "disconnects":
        await mine.leave()
    elif way == "is signed out":
        await change(writing_hub, lambda: User.objects.get(username="alice").delete())
    else:
        await change(writing_hub, lambda: Grant.objects.get(user__username="alice").delete())
    assert await hers.read() == seen(None)
    assert await hers.catch_up() == []


async def test_who_closes_one_of_two_windows_is_still_seen_in_the_other(listen: Listen) -> None:
    one, other, hers = await listen("alice"), await listen("alice"), await listen("olivia")
    for client in (one, other, hers):
        await client.subscribe("all")
    await one.say(type="viewing", thread_id=BEN)
    assert await hers.read() == await other.read() == seen(BEN)
    await other.say(type="viewing", thread_id=MIA)
    assert await hers.read() == await one.read() == seen(MIA)
    await one.leave()
    assert await hers.read() == await other.read() == seen(MIA)


async def test_who_goes_to_a_thread_of_another_account_has_left_the_first(listen: Listen) -> None:
    doras, hers = await listen("dora"), await listen("olivia")
    for client in (doras, hers):
        await client.subscribe("all")
    await doras.say(type="viewing", thread_id=BEN)
    await doras.say(type="viewing", thread_id="conv_acc-b_mia")
    await doras.catch_up()
    there = {**seen("conv_acc-b_mia", "dora"), "account": "acc-b"}
    assert await hers.catch_up() == [seen(BEN, "dora"), seen(None, "dora"), there]


async def test_nobody_without_a_grant_sees_who_looks(
    listen: Listen, feed: PushFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, doras = await listen("alice"), await listen("dora")
    for client in (mine, doras):
        await client.subscribe("all")
    monkeypatch.setattr(feed, "directory_changed", lambda: None)  # not yet
    await in_database(lambda: Grant.objects.get(user__username="dora", account_id="acc-a").delete())
    await mine.say(type="viewing", thread_id=BEN)
    await mine.catch_up()
    assert [frame for frame in await doras.catch_up() if frame["type"] == "viewing"] == []


async def test_windows_at_another_hub_see_it_too(listen: Listen, feed: PushFeed) -> None:
    posted: list[Any] = []

    class Board:
        def post(self, kind: str, key: str, value: Any) -> None:
            posted.append((kind, value))

        def subscribe(self, kind: str, take: Any) -> None:
            self.take = take

    board = Board()
    feed.share(board)  # type: ignore[arg-type]  # a stand-in
    mine, hers = await listen("alice"), await listen("olivia")
    for client in (mine, hers):
        await client.subscribe("all")
    await mine.say(type="viewing", thread_id=BEN)
    await mine.catch_up()
    assert await hers.catch_up() == [seen(BEN)]
    assert [value | {"type": kind} for kind, value in posted] == [seen(BEN)]
    board.take("key", {"account": "acc-a", "thread_id": MIA, "user_name": "far"})
    assert await mine.catch_up() == await hers.catch_up() == [seen(MIA, "far")]
    assert len(posted) == 1
