"""A note on a person is told to all windows on the account."""

from typing import Any

import httpx

from tests.im_api.conftest import send
from tests.im_api.push.client import kinds
from tests.im_api.push.conftest import Listen


async def write_note(client: httpx.AsyncClient, text: str) -> Any:
    return await send(client, "PUT", "/people/acc-a/ben/note", {"text": text})


async def test_all_windows_hear_of_it(operator: httpx.AsyncClient, listen: Listen) -> None:
    windows = [await listen("alice"), await listen("olivia"), await listen("dora")]
    bob = await listen("bob")
    for window in (*windows, bob):
        await window.subscribe("all")
    written = await write_note(operator, "x")
    for window in windows:
        heard = await window.catch_up()
        assert kinds(heard) == [("note.updated", "ben")]
        assert heard[0]["data"] == written
    removed = await write_note(operator, "")
    assert [frame["data"] for frame in await windows[0].catch_up()] == [removed]
    assert await bob.catch_up() == []


async def test_who_missed_it_is_told_later(operator: httpx.AsyncClient, listen: Listen) -> None:
    since = await (await listen("alice")).subscribe("all")
    written = await write_note(operator, "x")
    late = await listen("alice")
    await late.subscribe("all", since=since)
    assert [(frame["kind"], frame["data"]) for frame in late.heard] == [("note.updated", written)]
