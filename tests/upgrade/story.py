"""The story of the fixture: what people and a worker did in three shops, and what was seen of it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.upgrade import asking, old, shops
from tests.upgrade.asking import Person
from tests.upgrade.worker import RealWorker

PART_BYTES = 7_000
WORKER = "office"
SESSION = {"cookies": [{"name": "sessionid", "value": "of-nobody", "domain": ".example.com"}], "origins": []}


class Clock:
    """ms UTC. Stands still until it is moved."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def today(self) -> datetime:
        return datetime.fromtimestamp(self.now / 1000, UTC)


def make_fixture(place: Path, target: Path) -> None:
    """Into `target`. `place`: the empty data directory that the settings of this process name."""
    clock = Clock(shops.T0)
    with patch("django.utils.timezone.now", clock.today):
        _make(place, target, clock)


def _make(place: Path, target: Path, clock: Clock) -> None:
    tokens = _install()
    asyncio.run(_live(clock, tokens))
    target.mkdir(parents=True)
    old.manage("export_snapshot", str(target / "export.json"))
    expected: dict[str, Any] = {"version": old.__version__, "now": clock.now, "tokens": tokens, "session": SESSION}
    expected["stored"] = old.stored()
    old.connection.close()
    with closing(sqlite3.connect(place / old.DATABASE)) as database:
        database.execute("VACUUM INTO ?", (str(target / old.DATABASE),))
    shutil.copy(place / "session_key", target)
    asyncio.run(_ask_and_record(clock, tokens, target, expected))
    (target / "expected.json").write_text(_by_lines(expected), "utf-8")


def _by_lines(expected: dict[str, Any]) -> str:
    """JSON with an answer on a line, so that it is small and a change of one is seen."""
    seen = {name: expected.pop(name) for name in ("before", "after")}
    blocks = [f"{_json(name)}: {_json(value)}" for name, value in sorted(expected.items())]
    for name, by_person in seen.items():
        people = []
        for person, answers in by_person.items():
            lines = ",\n".join(f"{_json(path)}: {_json(answer)}" for path, answer in answers.items())
            people.append(f"{_json(person)}: {{\n{lines}\n}}")
        blocks.append(f"{_json(name)}: {{\n" + ",\n".join(people) + "\n}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _install() -> dict[str, str]:
    """The keys of everybody, by name. Ann may act for roses and read tea, bob may read roses, chris sees nothing."""
    old.manage("migrate", "-v0")
    old.manage("addaccount", "roses", "--platform=douyin", "--name=Roses", f"--worker={WORKER}", "--operator=ann")
    old.manage("addaccount", "tea", "--platform=douyin", "--name=Tea", f"--worker={WORKER}")
    tokens = {WORKER: old.manage("workertoken", WORKER), "olivia": old.manage("apitoken", "olivia", "--staff")}
    tokens |= {name: old.manage("apitoken", name) for name in ("ann", "bob", "chris")}
    tokens["ann-laptop"] = old.give_token("ann")
    old.give_grant("ann", "tea", "read")
    old.give_grant("bob", "roses", "read")
    return tokens


# -- what happens before the upgrade


async def _live(clock: Clock, tokens: dict[str, str]) -> None:
    async with (
        old.serving(clock) as port,
        Person(port, tokens["olivia"]) as olivia,
        Person(port, tokens["ann"]) as ann,
        Person(port, tokens["bob"]) as bob,
    ):
        async with RealWorker(port, tokens[WORKER], clock) as worker:
            await worker.report("roses", "tea")
            await worker.session("roses", SESSION)
            await worker.sync("roses", shops.roses_at_first())
            clock.now = shops.at(60)
            await worker.sync("roses", shops.roses(), looks=("messages", "comments"))
            await _operate(ann, clock)
            await worker.sync("roses", shops.roses_met(), looks=("messages",))
            await _operate_after(ann, clock)
            await _grow_tea(worker, olivia, clock)
        await _own(olivia, ann, bob, clock)
        clock.now = shops.at(180)
        await asyncio.to_thread(_in_thread, old.give_account, "books", WORKER)


def _in_thread(work: Callable[..., None], *arguments: str) -> None:
    work(*arguments)
    old.connection.close()


async def _each(person: Person, clock: Clock, *requests: Sequence[Any]) -> None:
    """One a minute."""
    for method, path, *body in requests:
        clock.now += 60_000
        await person.do(method, path, *body)


async def _operate(ann: Person, clock: Clock) -> None:
    """Every kind of mark."""
    conversations, messages, comments = "/conversations/conv_roses_", "/messages/msg_roses_", "/discussions/comm_roses_"
    jo, kim = (
        {"account_id": "roses", "participant": {"user_id": one, "user_name": one.title()}} for one in ("jo", "kim")
    )
    await _each(
        ann,
        clock,
        ("PUT", f"{conversations}mia/read"),
        ("PUT", f"{conversations}ben/read"),
        ("DELETE", f"{conversations}ben/read"),
        ("DELETE", f"{conversations}noa/read"),
        ("PUT", f"{conversations}carl/pin"),
        ("DELETE", f"{conversations}dan/pin"),
        ("PUT", f"{conversations}eve/mute"),
        ("DELETE", f"{conversations}club/mute"),
        ("DELETE", f"{conversations}finn"),
        ("DELETE", f"{conversations}gus"),
        ("PUT", f"{conversations}gus/restore"),
        ("PUT", f"{conversations}hana/done"),
        ("PUT", f"{conversations}eve/done"),
        ("DELETE", f"{conversations}eve/done"),
        ("PUT", f"{messages}i1/read"),
        ("DELETE", f"{messages}i3"),
        ("PUT", f"{messages}i2/recall"),
        ("PUT", f"{messages}i4/status", {"status": "delivered"}),
        ("DELETE", f"{messages}i5"),
        ("PUT", f"{messages}i5/restore"),
        ("DELETE", f"{messages}l1/read"),
        ("PUT", f"{comments}c1/read"),
        ("PUT", f"{comments}c2/done"),
        ("DELETE", f"{comments}c3"),
        ("DELETE", f"{comments}c5"),
        ("PUT", f"{comments}c5/restore"),
        ("PUT", "/contents/cont_roses_w2/read"),
        ("DELETE", f"{comments}c7/read"),
        ("PUT", "/notifications/notif_roses_n1/read"),
        ("POST", "/conversations", jo),
        ("PUT", f"{conversations}jo/pin"),
        ("POST", "/conversations", kim),
        ("PUT", "/people/roses/mia/note", {"text": "常客，不要百合"}),
        ("PUT", "/people/roses/ben/note", {"text": "写错了"}),
        ("PUT", "/people/roses/ben/note", {"text": ""}),
        ("PUT", "/people/roses/a-c4/note", {"text": "问过价"}),
        ("PUT", "/people/roses/jo/note", {"text": "wrote to first"}),
    )


async def _operate_after(ann: Person, clock: Clock) -> None:
    """After the platform named the conversation that ann had opened."""
    everything = {"account_id": "roses", "before": shops.at(2), "types": ["discussion", "notification"]}
    some = {"message_ids": ["msg_roses_d1", "msg_roses_u1"]}
    await _each(
        ann,
        clock,
        ("PUT", "/unified-messages/read-many", everything),
        ("PUT", "/unified-messages/read-many", some),
        ("PUT", "/conversations/conv_roses_jo/mute"),
    )


async def _grow_tea(worker: RealWorker, olivia: Person, clock: Clock) -> None:
    """Cleared once, then a log with a checkpoint in its middle."""
    await worker.sync("tea", shops.tea(2))
    await asyncio.to_thread(_in_thread, old.clear_account, "tea")
    for step in (1, 2, 3):
        clock.now += 60_000
        await worker.sync("tea", shops.tea(step), looks=("messages", "notifications"))
    await _each(olivia, clock, ("PUT", "/conversations/conv_tea_ada/read"), ("PUT", "/conversations/conv_tea_bo/pin"))
    await asyncio.to_thread(_in_thread, old.write_checkpoint, "tea")
    clock.now += 60_000
    await worker.sync("tea", shops.tea(4), looks=("messages",))
    await _each(olivia, clock, ("PUT", "/messages/msg_tea_t12/read"), ("DELETE", "/conversations/conv_tea_bo/pin"))


async def _own(olivia: Person, ann: Person, bob: Person, clock: Clock) -> None:
    """What belongs to the installation: words on accounts, a new account, saved replies."""
    roses = {"alias": "小满花店", "group": "花艺", "color": "#B02A5C"}
    books = {"user_id": "books", "platform": "douyin", "user_name": "Books", "alias": "书店"}
    await _each(olivia, clock, ("PATCH", "/accounts/roses", roses), ("POST", "/accounts", books))
    hello = {"title": "Hello", "text": "您好，在的。", "shared": True}
    price = {"title": "Price", "text": "三百起", "shared": False}
    await _each(ann, clock, ("POST", "/saved-replies", hello), ("POST", "/saved-replies", price))
    await _each(bob, clock, ("POST", "/saved-replies", {"title": "Mine", "text": "稍等"}))


# -- what is seen of it, and what a worker says next


async def _ask_and_record(clock: Clock, tokens: dict[str, str], target: Path, expected: dict[str, Any]) -> None:
    async with old.serving(clock) as port, Person(port, tokens["olivia"]) as olivia:
        expected["before"] = await _seen(port, tokens)
        expected["positions"] = await olivia.positions()
        expected["push"] = positions = (await asking.hear(port, tokens["olivia"], None))[0]
        since = {name: {"epoch": one["epoch"], "seq": max(0, one["seq"] - 12)} for name, one in positions.items()}
        expected["since"], expected["missed"] = since, (await asking.hear(port, tokens["olivia"], since))[1]
        async with RealWorker(port, tokens[WORKER], clock) as worker:
            await worker.heartbeat()
            await worker.report("roses", "tea", "books")
            await worker.session("tea", SESSION)
            await worker.fetch("tea")
            await worker.sync("roses", shops.roses_later(), looks=("messages", "comments"))
            await worker.sync("tea", shops.tea(6), max_bytes=PART_BYTES)
            await worker.sync("books", shops.books())
            await worker.look("tea", "messages", "notifications")
            expected["after"] = _changed(await _seen(port, tokens), expected["before"])
            expected["positions_after"] = await olivia.positions()
            await worker.follow_orders(olivia, "tea")
        _write_lines(target / "worker.jsonl", worker.said)
        _write_lines(target / "hub.jsonl", worker.heard)


async def _seen(port: int, tokens: dict[str, str]) -> dict[str, Any]:
    """By person and path."""
    asked = {"olivia": asking.all_paths()} | {name: list(asking.FEW) for name in ("ann", "ann-laptop", "bob", "chris")}
    seen = {}
    for name, paths in asked.items():
        async with Person(port, tokens[name]) as person:
            seen[name] = await person.get(paths)
    return seen


def _changed(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Only what is another answer than before."""
    return {
        name: {path: answer for path, answer in answers.items() if answer != before[name][path]}
        for name, answers in after.items()
    }


def _write_lines(file: Path, lines: list[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
