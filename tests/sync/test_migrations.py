"""An older data directory is as good as new after `migrate`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from msgspec.structs import replace

from sync.core.stored.log_row_body import encode_body
from sync.models import Change, Checkpoint, StoredMark
from sync.storage.change_log import columns, read_body
from sync.storage.errors import Damaged
from tests.sync.histories import load
from tests.sync.places import Place, make_place

NO_CHECKSUMS = "0002_operators"
TABLES = ("sync_change", "sync_checkpoint")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Place:
    """Its checkpoint is a delta as JSON, as all were then."""
    place = make_place(tmp_path_factory.mktemp("whole"), django_db_blocker)
    with place.used():
        row = Checkpoint.objects.get()
        row.body = encode_body(read_body(row), columns(row))
        row.save()
    return place


@pytest.fixture
def old(whole: Place, tmp_path: Path) -> Place:
    """As it was before bodies had checksums, and checkpoints were images of views."""
    place = whole.copy_to(tmp_path / "place")
    with place.used():
        call_command("migrate", "sync", NO_CHECKSUMS, verbosity=0)
    execute(place, *(f"UPDATE {table} SET body = CAST(substr(body, 9) AS BLOB)" for table in TABLES))
    return place


def execute(place: Place, *statements: str) -> None:
    with closing(sqlite3.connect(place.database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def bodies(place: Place) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(place.database)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}


def migrate(place: Place) -> None:
    with place.used():
        call_command("migrate", verbosity=0)


def test_bodies_without_checksums_get_them(old: Place, whole: Place, tmp_path: Path) -> None:
    with old.used(), pytest.raises(Damaged, match="its checksum is another one"):
        load("roses")
    migrate(old)
    assert bodies(old) == bodies(whole)
    assert old.start() == whole.copy_to(tmp_path / "as it was").start()


def test_bodies_of_many_batches_get_them(old: Place, whole: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.migrations.0003_checksums.BATCH", 2)
    migrate(old)
    assert bodies(old) == bodies(whole)


def test_bodies_that_have_one_stay_as_they_are(whole: Place, tmp_path: Path) -> None:
    place = whole.copy_to(tmp_path / "place")
    with place.used():
        call_command("migrate", "sync", NO_CHECKSUMS, verbosity=0)
    migrate(place)
    assert bodies(place) == bodies(whole)


def test_accounts_without_an_epoch_get_one_and_the_others_keep_theirs(whole: Place, tmp_path: Path) -> None:
    place = whole.copy_to(tmp_path / "place")
    before = place.start()
    with place.used():
        call_command("migrate", "sync", "0004_words_of_marks", verbosity=0)
        for model, none in ((Change, None), (Checkpoint, "")):
            for row in model._default_manager.filter(account_id="roses"):
                row.body = encode_body(replace(read_body(row), epoch=none), columns(row))
                row.save()
        assert (load("tea").epoch, load("roses").epoch) == (before["tea"].epoch, "")
    migrate(place)
    after = place.start()
    assert len(after["roses"].epoch) == 32
    assert replace(after["roses"], epoch="") == replace(before["roses"], epoch="")
    assert after["tea"] == before["tea"]
    assert place.start() == after


def test_marks_and_the_permissions_on_them_outlive_the_new_name_of_their_class(whole: Place, tmp_path: Path) -> None:
    place = whole.copy_to(tmp_path / "place")
    with place.used():
        StoredMark.objects.create(account_id="roses", kind="people", item_id="fan", body={"note": ["老客户", 1, "ann"]})
        call_command("migrate", "sync", "0009_account_head", verbosity=0)
        ContentType.objects.clear_cache()
        permission = Permission.objects.get(content_type__app_label="sync", codename="change_mark")
        Group.objects.create(name="night shift").permissions.add(permission)
    migrate(place)
    with place.used():
        row = StoredMark.objects.get(account_id="roses", kind="people")
        assert (row.item_id, row.body) == ("fan", {"note": ["老客户", 1, "ann"]})
        held = Group.objects.get(name="night shift").permissions.get()
        assert (held.pk, held.codename, held.name) == (permission.pk, "change_storedmark", "Can change mark")
        assert held.content_type.model == "storedmark"
        assert not Permission.objects.filter(codename="change_mark").exists()


@pytest.mark.parametrize("body", ["'{'", "x'7bff7d'", "x'7b2265706f6368223a317d'", "7", "''"])
def test_what_is_damaged_stays_damaged(old: Place, body: str) -> None:
    execute(old, f"UPDATE sync_change SET body = {body} WHERE account_id = 'roses' AND version = 3")
    migrate(old)
    with pytest.raises(Damaged, match=r"^account roses: the change of version 3 cannot be read"):
        old.start()
