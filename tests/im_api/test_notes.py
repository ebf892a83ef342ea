"""Notes on people: a fact of the team, beside whatever the platform says of them."""

from typing import Any

import httpx
import pytest

from im_api.queries import people
from sync.core.account.marks import Note
from sync.hub import Hub
from sync.models import Change, StoredMark
from sync.storage.database import in_database
from tests.im_api.builders import a_comment, a_snapshot
from tests.im_api.conftest import NOW, Connect, acc_a, check_refusal, get, push, refused, send, stored

BEN = "/people/acc-a/ben/note"
NOTHING = {"account_id": "acc-a", "user_id": "ben", "text": None, "updated_at": None, "updated_by": None}
VIP = {**NOTHING, "text": "老客户，喜欢浅色", "updated_at": NOW, "updated_by": "alice"}


async def write(client: httpx.AsyncClient, text: Any, path: str = BEN) -> Any:
    return await send(client, "PUT", path, {"text": text})


async def test_a_note_is_there_for_all_who_see_the_account(operator: httpx.AsyncClient, connect: Connect) -> None:
    assert await get(operator, BEN) == NOTHING
    assert await write(operator, "老客户，喜欢浅色") == VIP
    assert await get(operator, BEN) == await get(connect("olivia"), BEN) == VIP


async def test_a_note_is_of_one_person_in_one_account(owner: httpx.AsyncClient) -> None:
    await write(owner, "of mia in A", "/people/acc-a/mia/note")
    assert (await get(owner, BEN))["text"] is None
    assert (await get(owner, "/people/acc-b/mia/note"))["text"] is None


async def test_the_last_word_stands_and_says_whose_it_is(
    operator: httpx.AsyncClient, connect: Connect, writing_hub: Hub
) -> None:
    await write(operator, "x")
    writing_hub.clock.now += 5_000  # type: ignore[attr-defined]  # the tests' own
    changed = await write(connect("olivia"), "y")
    assert (changed["text"], changed["updated_by"], changed["updated_at"]) == ("y", "olivia", NOW + 5_000)


async def test_the_same_words_again_change_nothing(
    operator: httpx.AsyncClient, connect: Connect, writing_hub: Hub
) -> None:
    written = await write(operator, " x\n")
    assert written["text"] == "x"
    version = writing_hub.store.get_view("acc-a").version
    assert await write(connect("olivia"), "x") == written
    assert writing_hub.store.get_view("acc-a").version == version


@pytest.mark.parametrize("empty", ["", "  \n", "\u200b\u3164"])
async def test_an_empty_text_removes_it(operator: httpx.AsyncClient, writing_hub: Hub, empty: str) -> None:
    await write(operator, "x")
    assert await write(operator, empty) == NOTHING
    assert await write(operator, empty) == NOTHING
    assert await get(operator, BEN) == NOTHING
    assert not await StoredMark.objects.filter(kind="people").aexists()


async def test_snapshots_and_a_restart_leave_it(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    await write(operator, "老客户，喜欢浅色")
    await push(writing_hub, "acc-a", acc_a())
    await push(writing_hub, "acc-a", {**a_snapshot(conversations=[]), "cleared": ["conversations"]})
    assert await get(operator, BEN) == VIP
    view = await stored(writing_hub, "acc-a")
    assert view.mark("people", "ben").note == Note("老客户，喜欢浅色", NOW, "alice")
    writing_hub.store.publish([view])
    assert await get(operator, BEN) == VIP
    row = await StoredMark.objects.aget(account_id="acc-a", kind="people")
    assert (row.item_id, row.body) == ("ben", {"note": ["老客户，喜欢浅色", NOW, "alice"]})


async def test_a_person_of_whom_nothing_else_is_known_may_have_one(operator: httpx.AsyncClient) -> None:
    path = "/people/acc-a/MS4wLjABAAAA%2Fx%20y/note"
    assert (await write(operator, "x", path))["user_id"] == "MS4wLjABAAAA/x y"
    assert (await get(operator, path))["text"] == "x"


async def test_a_person_has_one_note_under_both_of_his_ids(
    writing_hub: Hub, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments name by number who is somebody else in conversations."""
    comment = a_comment("c9", "w1", 30, authorId="200000000002", authorSecId="ben")
    await push(writing_hub, "acc-a", {**a_snapshot(comments=[comment]), "partial": ["comments"]})
    by_number = "/people/acc-a/200000000002/note"
    assert await write(operator, "老客户，喜欢浅色", by_number) == VIP
    assert await get(operator, BEN) == await get(operator, by_number) == VIP
    monkeypatch.setattr(people, "MANY", 0)
    assert await get(operator, BEN) == await get(operator, by_number) == VIP


async def test_the_log_says_who_wrote_and_who_removed(operator: httpx.AsyncClient, connect: Connect) -> None:
    await write(operator, "x")
    await write(connect("olivia"), "")
    rows = Change.objects.filter(action__in=["note", "unnote"]).order_by("version")
    said = await in_database(lambda: list(rows.values_list("action", "actor", "origin")))
    assert said == [
        ("note", "user:alice", "token cli, 127.0.0.1"),
        ("unnote", "user:olivia", "token cli, 127.0.0.1"),
    ]


# -- who may


async def test_a_read_grant_reads_and_does_not_write(writing_hub: Hub, connect: Connect) -> None:
    path = "/people/acc-b/mia/note"
    await write(connect("olivia"), "x", path)
    assert (await get(connect("bob"), path))["text"] == "x"
    message = check_refusal(await connect("bob").put(f"/api/im{path}", json={"text": "y"}), 403)
    assert message == "You may read account acc-b, and not change anything in it"
    assert (await get(connect("bob"), path))["text"] == "x"


async def test_what_is_not_granted_is_not_there(alice: httpx.AsyncClient) -> None:
    for account_id in ("acc-b", "nowhere"):
        path = f"/people/{account_id}/mia/note"
        assert await refused(alice, path, 404) == "Account not found"
        assert check_refusal(await alice.put(f"/api/im{path}", json={"text": "x"}), 404) == "Account not found"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "body: Object missing required field `text`"),
        ({"text": None}, "text: Expected `str`, got `null`"),
        ({"text": "x" * 2001}, "text: Expected `str` of length <= 2000"),
        ({"text": "a\0b"}, "text: must not contain the character NUL"),
    ],
)
async def test_a_wrong_text_is_named(alice: httpx.AsyncClient, body: Any, message: str) -> None:
    assert check_refusal(await alice.put(f"/api/im{BEN}", json=body), 400) == message


@pytest.mark.parametrize("user_id", ["x" * 256, "a%00b"])
async def test_what_is_nobodys_id_is_not_found(alice: httpx.AsyncClient, user_id: str) -> None:
    path = f"/people/acc-a/{user_id}/note"
    assert await refused(alice, path, 404) == "Person not found"
    assert check_refusal(await alice.put(f"/api/im{path}", json={"text": "x"}), 404) == "Person not found"
