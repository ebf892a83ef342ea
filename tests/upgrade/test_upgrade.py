"""What older versions wrote is read by this one, and a worker one protocol step older keeps syncing.

Each folder of tests/data/upgrade was written by `tests/upgrade/make_fixture.py` of that version.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from websockets.asyncio.server import ServerConnection, serve

from tests.upgrade import asking, old
from tests.upgrade.asking import Person, as_today, differences, without_recalled_words
from tests.upgrade.conftest import Fixture
from tests.upgrade.counting import recounted, recounted_events, without_fans_among_fans
from tests.upgrade.worker import NAME, RealWorker

# Of an installation, not of its data: an export has none of them.
NOT_EXPORTED = {"worker_status", "created_at", "updated_at", "last_sync_time", "seen_at"}


async def wrong_answers(port: int, tokens: dict[str, str], seen: dict[str, dict[str, Any]]) -> list[str]:
    """Everything that people now see differently."""
    wrong = []
    for name, answers in seen.items():
        async with Person(port, tokens[name]) as person:
            now = await person.get(answers)
        for path, answer in answers.items():
            wrong += differences(now[path], as_today(path, answer), f"{name} {path}")
    return wrong


# -- the database


@pytest.mark.usefixtures("upgraded")
async def test_people_see_what_they_saw_before_the_upgrade(fixture: Fixture) -> None:
    async with old.serving(fixture.clock) as port:
        assert await wrong_answers(port, fixture.tokens, recounted(fixture.expected["before"])) == []


@pytest.mark.usefixtures("upgraded")
async def test_versions_numbers_of_events_and_epochs_stay(fixture: Fixture) -> None:
    async with old.serving(fixture.clock) as port, Person(port, fixture.tokens["olivia"]) as olivia:
        assert await olivia.positions() == fixture.expected["positions"]
        positions, _ = await asking.hear(port, fixture.tokens["olivia"], None)
    assert differences(positions, _with_epochs(fixture.expected["push"], positions)) == []
    async with old.serving(fixture.clock) as port:
        assert (await asking.hear(port, fixture.tokens["olivia"], None))[0] == positions


def _with_epochs(positions: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Of an account without an epoch, the epoch that it has `now`: it got one from the upgrade."""
    assert all(len(one["epoch"]) == 32 for one in now.values())
    return {name: one if one["epoch"] else {**one, "epoch": now[name]["epoch"]} for name, one in positions.items()}


@pytest.mark.usefixtures("upgraded")
async def test_a_client_that_was_away_during_the_upgrade_hears_what_it_missed(fixture: Fixture) -> None:
    async with old.serving(fixture.clock) as port:
        _, heard = await asking.hear(port, fixture.tokens["olivia"], fixture.expected["since"])
    without = {name for name, one in fixture.expected["since"].items() if not one["epoch"]}
    resets = {frame["account"] for frame in heard if frame["type"] == "reset"}
    assert resets == without
    then = recounted_events(without_recalled_words(fixture.expected["missed"]), fixture.expected["before"])
    missed = [event for event in then if event["account"] not in without]
    assert len(missed) > 10
    assert differences([frame for frame in heard if frame["account"] not in without], missed) == []


@pytest.mark.usefixtures("upgraded")
def test_the_history_looks_grants_and_hashes_of_tokens_stay(fixture: Fixture) -> None:
    stored = json.loads(json.dumps(old.stored()))
    assert {name: stored[name] for name in fixture.expected["stored"]} == fixture.expected["stored"]


def test_the_fixture_has_what_an_upgrade_may_lose(fixture: Fixture) -> None:
    """A list that is empty proves nothing."""
    stored, seen = fixture.expected["stored"], fixture.expected["before"]
    actions = {action for *_, action in stored["history"]}
    assert actions >= {"read", "unread", "pin", "unpin", "mute", "unmute", "delete", "restore", "recall", "status"}
    assert actions >= {"done", "undone", "read_before", "make", "note", "unnote"}
    users = {user["user_id"]: user for user in seen["olivia"]["/accounts?count=50"]["users"]}
    assert (users["roses"]["alias"], users["books"]["seen_at"]) == ("小满花店", {})
    assert all(users[account]["unread_count"] > 0 and users[account]["seen_at"] for account in ("roses", "tea"))
    talks = {
        one["conversation_id"]: one
        for one in seen["olivia"]["/conversations?account_id=roses&count=200"]["conversations"]
    }
    assert "conv_roses_finn" not in talks
    assert (talks["conv_roses_mia"]["unread_count"], talks["conv_roses_lea"]["unread_count"]) == (0, 2)
    assert (talks["conv_roses_hana"]["needs_reply"], talks["conv_roses_lea"]["needs_reply"]) == (False, True)
    assert seen["olivia"]["/conversations/conv_roses_jo"]["conversation_id"] == "conv_roses_9001"
    assert seen["olivia"]["/conversations/conv_roses_jo"]["is_pinned"]
    assert seen["olivia"]["/people/roses/mia/note"]["text"] == "常客，不要百合"
    assert [len(seen[name]["/accounts?count=50"]["users"]) for name in ("olivia", "ann", "bob", "chris")] == [
        3,
        2,
        1,
        0,
    ]
    assert [len(seen[name]["/saved-replies?count=50"]["saved_replies"]) for name in ("ann", "bob", "chris")] == [
        2,
        2,
        1,
    ]
    assert len(fixture.expected["missed"]) > 10


def test_one_flipped_byte_in_a_change_is_refused_with_its_place(
    fixture: Fixture, tmp_path: Path, homes: ExitStack
) -> None:
    home = fixture.copy_to(tmp_path / "damaged")
    with closing(sqlite3.connect(home / old.DATABASE)) as database, database:
        where = "account_id = 'roses' AND version = 9"
        [body] = database.execute(f"SELECT body FROM sync_change WHERE {where}").fetchone()
        middle = len(body) // 2
        flipped = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        database.execute(f"UPDATE sync_change SET body = ? WHERE {where}", [flipped])
    homes.enter_context(old.at_home(home))
    with pytest.raises((old.Unusable, CommandError), match=r"account roses: the change of version 9 cannot be read"):
        _migrate_and_start(fixture)


def _migrate_and_start(fixture: Fixture) -> None:
    async def start() -> None:
        async with old.serving(fixture.clock):
            pass

    old.manage("migrate", "-v0")
    asyncio.run(start())


# -- the export


@pytest.fixture
def imported(fixture: Fixture, tmp_path: Path, homes: ExitStack) -> str:
    """The key of an owner of a new installation that has nothing but the export."""
    home = tmp_path / "new"
    home.mkdir()
    homes.enter_context(old.at_home(home))
    old.manage("migrate", "-v0")
    said = old.manage("import_snapshot", str(fixture.place / "export.json"))
    assert "created: books, roses, tea" in said
    return old.manage("apitoken", "olivia", "--staff")


async def test_an_old_export_brings_everything_that_it_holds(fixture: Fixture, imported: str) -> None:
    seen = {path: _of_data(answer) for path, answer in recounted(fixture.expected["before"])["olivia"].items()}
    del seen["/saved-replies?count=50"]
    async with old.serving(fixture.clock) as port, Person(port, imported) as olivia:
        now = await olivia.get(seen)
    for path, answer in seen.items():
        assert differences(_of_data(now[path]), as_today(path, answer), path) == []


def _of_data(answer: Any) -> Any:
    """Without what an export has not."""
    if not isinstance(answer, dict) or "users" not in answer:
        return answer
    users = [{name: value for name, value in user.items() if name not in NOT_EXPORTED} for user in answer["users"]]
    return answer | {"users": sorted(users, key=lambda user: str(user["user_id"]))}


def test_a_damaged_export_is_refused_with_its_place(fixture: Fixture, tmp_path: Path, homes: ExitStack) -> None:
    home = tmp_path / "new"
    home.mkdir()
    homes.enter_context(old.at_home(home))
    old.manage("migrate", "-v0")
    text = (fixture.place / "export.json").read_text("utf-8")
    assert "常客" in text
    (tmp_path / "damaged.json").write_text(text.replace("常客", "生客", 1), "utf-8")
    with pytest.raises(
        CommandError, match=r"checksum is another one - at `\$\.accounts\['roses'\]`.*Nothing was changed"
    ):
        old.manage("import_snapshot", str(tmp_path / "damaged.json"))


# -- a worker one step older


@pytest.mark.usefixtures("upgraded")
async def test_an_older_worker_is_registered_acknowledged_and_what_it_says_is_read(fixture: Fixture) -> None:
    answered = {frame["requestId"]: frame for frame in map(json.loads, fixture.hub) if "requestId" in frame}
    async with (
        old.serving(fixture.clock) as port,
        Person(port, fixture.tokens["olivia"]) as olivia,
        asking.worker_socket(port, fixture.tokens[NAME]) as worker,
    ):
        answers = await asking.replay(worker, fixture.worker)
        seen = without_fans_among_fans(fixture.after, fixture.expected["before"])
        assert await wrong_answers(port, fixture.tokens, recounted(seen)) == []
        assert await olivia.positions() == fixture.expected["positions_after"]
    assert set(answers) == set(answered)
    assert all(frame["payload"]["success"] for frame in answers.values())
    for request, frame in answered.items():
        frame["payload"].pop("session_id", None)  # random
        assert differences(_in_order(answers[request]), _in_order(frame), request) == []


def _in_order(frame: dict[str, Any]) -> dict[str, Any]:
    """What a hub holds has no order, and comes in another one from each process."""
    for items in ((frame["payload"].get("snapshot") or {}).get("data") or {}).values():
        items.sort(key=lambda item: item["id"])
    return frame


@pytest.mark.usefixtures("upgraded")
async def test_the_stored_session_of_an_account_is_given_to_its_worker(fixture: Fixture) -> None:
    async with (
        old.serving(fixture.clock) as port,
        RealWorker(port, fixture.tokens[NAME], fixture.clock) as worker,
    ):
        given = {one.account_id: one for one in worker.registered.assigned_accounts}
    assert set(given) == {"roses", "tea", "books"}
    assert given["roses"].storage_state == fixture.expected["session"]
    assert given["tea"].storage_state is None


@pytest.mark.usefixtures("upgraded")
async def test_frames_of_a_version_that_is_not_spoken_here_are_refused_by_name(fixture: Fixture) -> None:
    registration, *others = fixture.worker
    unknown = [{**json.loads(text), "version": "v0"} for text in others]
    async with (
        old.serving(fixture.clock) as port,
        Person(port, fixture.tokens["olivia"]) as olivia,
        asking.worker_socket(port, fixture.tokens[NAME]) as worker,
    ):
        await asking.replay(worker, [registration])
        for frame in unknown:
            await worker.send(json.dumps(frame))
            answer = json.loads(await worker.recv())
            assert (answer["type"], answer.get("requestId")) == (f"{frame['type']}:error", frame.get("requestId"))
            assert (answer["payload"]["success"], answer["payload"]["error_code"]) == (False, "wrong_version")
        assert await olivia.positions() == fixture.expected["positions"]


@pytest.mark.usefixtures("upgraded")
async def test_a_worker_whose_version_is_not_spoken_here_ends_and_says_why(
    fixture: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with old.serving(fixture.clock) as port:
        worker = RealWorker(port, fixture.tokens[NAME], fixture.clock)
        monkeypatch.setattr(worker, "on_frame", lambda text: text.replace('"version":"v1"', '"version":"v0"', 1))
        with pytest.raises(old.LinkRefused, match="wrong_version"):
            async with worker:
                pass


# -- a hub one step older


def test_this_worker_understands_every_frame_of_an_older_hub(fixture: Fixture) -> None:
    decoded = [(json.loads(text), old.decode_from_hub(text)) for text in fixture.hub]
    types = {frame["type"] for frame, _ in decoded}
    assert types >= {
        "worker:register:ack", "worker:heartbeat:ack", "worker:account:status:ack", "worker:account:session:ack",
        "worker:data:sync:ack", "worker:data:snapshot", "master:task:assign", "master:task:revoke",
    }  # fmt: skip
    for frame, (message, timestamp, request_id, _) in decoded:
        assert (message.TYPE, timestamp, request_id) == (frame["type"], frame["timestamp"], frame.get("requestId"))
        assert differences(json.loads(old.encode(message)), frame["payload"], frame["type"]) == []


async def test_this_worker_syncs_with_an_older_hub(fixture: Fixture) -> None:
    """Whatever it asks, it gets the answer that the older hub gave."""
    answers: dict[str, dict[str, Any]] = {}
    for frame in map(json.loads, fixture.hub):
        answers.setdefault(frame["type"], frame)

    async def older_hub(socket: ServerConnection) -> None:
        async for text in socket:
            asked = json.loads(text)
            type_ = "worker:data:sync:ack" if asked["type"] == "worker:data:delta" else f"{asked['type']}:ack"
            await socket.send(json.dumps(answers[type_] | {"requestId": asked["requestId"]}))

    async with serve(older_hub, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with RealWorker(port, "any", fixture.clock) as worker:
            await worker.heartbeat()
            await worker.report("roses")
            await worker.session("roses", {"cookies": [], "origins": []})
            await worker.sync("roses", {})
            await worker.look("roses", "messages")
    assert {one.account_id for one in worker.registered.assigned_accounts} == {"roses", "tea", "books"}


def test_a_frame_of_a_hub_whose_version_is_not_spoken_here_is_refused_by_name(fixture: Fixture) -> None:
    for text in fixture.hub:
        with pytest.raises(old.FrameError, match="version 'v9' is not spoken here") as refused:
            old.decode_from_hub(json.dumps({**json.loads(text), "version": "v9"}))
        assert refused.value.code == "wrong_version"
