"""What was acknowledged is missed where it was lost, and nowhere else."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from sync.hub import Hub
from sync.models import Account, Change, LogState
from sync.storage.change_log import ChangeLog
from sync.storage.errors import LostChanges, Unusable
from sync.storage.watermark import raise_watermark
from tests.sync.histories import a_conversation, a_message, load, write_history
from tests.sync.places import DATABASE, Place, make_place

ANOTHER = "this is another database than at the last start, or it was emptied"


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Place:
    """Its hub acknowledged four changes."""
    return make_place(tmp_path_factory.mktemp("killed"), django_db_blocker)


@pytest.fixture
def place(killed: Place, tmp_path: Path) -> Place:
    return killed.copy_to(tmp_path / "place")


def watermark(place: Place) -> Path:
    return place.directory / "hub.watermark"


def remake_table(place: Place) -> None:
    """As migrations do on SQLite: the new table numbers its rows by those that are there."""
    with place.used(), connection.schema_editor() as editor:
        editor._remake_table(Change)  # type: ignore[attr-defined]  # a part of Django's own, unknown to the stubs


def test_deletions_a_kill_and_a_migration_lose_nothing(place: Place) -> None:
    with place.used():
        Account.objects.get(pk="roses").delete()
    remake_table(place)
    assert watermark(place).exists()
    assert set(place.start()) == {"tea"}


def test_changes_that_come_after_a_remade_table_are_missed_when_they_are_lost(place: Place) -> None:
    with place.used():
        Account.objects.get(pk="roses").delete()
    remake_table(place)
    older = place.copy_to(place.directory.parent / "older")
    with place.used():
        write_history("tea", {"messages": [a_message(1), a_message(2)]})
    (older.directory / "hub.watermark").write_bytes(watermark(place).read_bytes())
    with pytest.raises(LostChanges, match=r"^1 changes that were acknowledged are not in .*an older copy"):
        older.start()


@pytest.mark.parametrize("commands", [(("flush",),), (("migrate", "sync", "zero"), ("migrate",))])
def test_an_emptied_database_is_no_damaged_one(
    place: Place, commands: tuple[tuple[str, ...], ...], caplog: pytest.LogCaptureFixture
) -> None:
    with place.used():
        for command, *arguments in commands:
            call_command(command, *arguments, interactive=False, verbosity=0)
    assert place.start() == {}
    assert ANOTHER in caplog.text
    with place.used():
        written = write_history("roses", {"conversations": [a_conversation(1)]})
    caplog.clear()
    assert place.start() == {"roses": written}
    assert ANOTHER not in caplog.text
    assert int(watermark(place).read_text().split()[1]) == 1


def test_another_database_beside_it_is_no_damaged_one(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    other = Place(place.directory, place._blocker)
    other.database = place.directory / "other.sqlite3"
    with other.used():
        call_command("migrate", verbosity=0)
    assert other.start() == {}
    assert ANOTHER in caplog.text


def test_without_its_tables_and_columns_the_start_says_what_to_do(place: Place) -> None:
    with place.used():
        call_command("migrate", "sync", "0001", verbosity=0)
    with pytest.raises(Unusable, match=r"no such (table|column): sync_[\w.]+. Run `manage.py migrate`$"):
        place.start()


def test_a_row_that_somebody_deleted_comes_again_with_the_next_change(place: Place) -> None:
    with place.used():
        LogState.objects.all().delete()
        write_history("tea", {"messages": [a_message(1), a_message(2)]})
        state = LogState.objects.get()
        assert (len(state.log_id), state.committed) == (32, 1)
        assert watermark(place).read_text().split()[:2] == [state.log_id, f"{1:020}"]
    place.start()


def test_a_damaged_row_is_refused_by_name(place: Place) -> None:
    with closing(sqlite3.connect(place.directory / DATABASE)) as database, database:
        database.execute("UPDATE sync_logstate SET committed = 'x'")
    with pytest.raises(Unusable, match="log state 1 has a damaged committed"):
        place.start()


def test_what_was_not_committed_is_not_counted(place: Place) -> None:
    before = watermark(place).read_text()
    with place.used():
        with transaction.atomic():
            raise_watermark(3)
            transaction.set_rollback(True)
        assert LogState.objects.get().committed == 4
    assert watermark(place).read_text() == before


def test_it_appears_whole_or_not_at_all_and_a_full_disk_does_not_undo_the_commit(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watermark(place).unlink()
    with place.used(), monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
        view = write_history("tea", {"messages": [a_message(1), a_message(2)]})
        assert load("tea") == view
    assert not watermark(place).exists()
    assert "no space left" in caplog.text
    with place.used():
        raise_watermark(3)
        raise_watermark(2)
    assert watermark(place).read_text().split()[1] == f"{4 + 1 + 5:020}"


def test_a_hub_that_ended_in_order_leaves_none(place: Place) -> None:
    with place.used():
        hub = Hub()
        hub._load()
        hub._leave()
        assert not watermark(place).exists()
        ChangeLog().write_checkpoint(load("roses"))
        assert not watermark(place).exists()
