"""Facts that hubs tell each other through the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet

from sync.hubs import fact_board
from sync.hubs.fact_board import KEPT_MS, FactBoard
from sync.models import HubFact
from sync.storage.database import in_database
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    def __init__(self, board: FactBoard) -> None:
        self.board = board
        self.heard: list[tuple[str, Any]] = []
        board.subscribe("note", lambda key, value: self.heard.append((key, value)))

    async def look(self) -> list[tuple[str, Any]]:
        self.heard.clear()
        await self.board.look()
        return self.heard


@pytest.fixture
def board() -> Callable[[], FactBoard]:
    return lambda: FactBoard(lambda: 1_000, lambda: None)


async def write(board: FactBoard, key: str, value: Any) -> None:
    await in_database(board.write, {("note", key): value})


async def test_what_one_hub_posts_the_others_hear_once(board: Callable[[], FactBoard]) -> None:
    posted = asyncio.Event()
    writer, reader = FactBoard(lambda: 1_000, posted.set), Reader(board())
    running = asyncio.create_task(writer.run())
    writer.post("note", "a", {"n": 1})
    writer.post("note", "a", {"n": 2})
    writer.post("other", "a", "nobody listens")
    await until(posted.is_set, timeout_s=30)
    running.cancel()
    assert await reader.look() == [("a", {"n": 2})]
    assert await reader.look() == []
    assert await Reader(writer).look() == []


async def test_what_cannot_be_stored_is_given_up_and_holds_nothing_up(
    board: Callable[[], FactBoard], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_board, "AGAIN_S", 0.01)
    done = asyncio.Event()
    writer, reader, written = FactBoard(lambda: 1_000, done.set), Reader(board()), list[object]()
    write = writer.write

    def attempt(facts: dict[tuple[str, str], Any]) -> None:
        written.append(facts)
        write(facts)

    monkeypatch.setattr(writer, "write", attempt)
    running = asyncio.create_task(writer.run())
    writer.post("note", "a", object())
    await until(lambda: len(written) == 1, timeout_s=30)
    writer.post("note", "b", 2)
    await until(lambda: len(written) == 2 and done.is_set(), timeout_s=30)
    running.cancel()
    assert await reader.look() == [("b", 2)]


async def test_a_hub_that_comes_later_hears_what_still_holds(board: Callable[[], FactBoard]) -> None:
    writer = board()
    await write(writer, "a", 1)
    await write(writer, "b", 2)
    await write(writer, "a", None)
    assert await Reader(board()).look() == [("b", 2), ("a", None)]


async def test_a_row_that_was_committed_after_a_later_one_is_heard(board: Callable[[], FactBoard]) -> None:
    writer, reader = board(), Reader(board())
    await write(writer, "late", 1)
    late = await in_database(HubFact.objects.get)
    await in_database(late.delete)
    await write(writer, "early", 2)
    assert await reader.look() == [("early", 2)]
    late.pk = await in_database(HubFact.objects.values_list("pk", flat=True).get) - 1
    await in_database(late.save)
    assert await reader.look() == [("late", 1)]


async def test_what_is_old_is_deleted_and_nothing_stands_there_in_clear(board: Callable[[], FactBoard]) -> None:
    await write(board(), "a", {"qrcode": "canary"})
    assert b"canary" not in bytes((await in_database(HubFact.objects.get)).sealed)
    later = FactBoard(lambda: 1_001 + KEPT_MS, lambda: None)
    await write(later, "b", 1)
    assert await in_database(lambda: list(HubFact.objects.values_list("key", flat=True))) == ["b"]


async def test_what_was_sealed_with_another_key_is_passed_over(board: Callable[[], FactBoard], settings: Any) -> None:
    writer, reader = board(), Reader(board())
    await write(writer, "a", 1)
    settings.SESSION_KEY = Fernet.generate_key().decode()
    assert await reader.look() == []
    await write(writer, "b", 2)
    assert await reader.look() == [("b", 2)]
