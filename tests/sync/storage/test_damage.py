"""Damaged data: a start finds everything that was acknowledged, or says in one sentence what is wrong. No garbage."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.account.view import View
from sync.hub import Hub
from sync.hub_errors import HubRefused
from sync.storage.errors import Damaged, LostChanges, Unusable
from sync.storage.transfer import export_document, import_document
from sync.store import configured_store
from tests.sync.histories import NOW
from tests.sync.places import DATABASE, Place, make_place
from tests.sync.storage.integrity import assert_sound

new_view = configured_store().new_view
WAL = f"{DATABASE}-wal"
SHM = f"{DATABASE}-shm"


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Place:
    """As a hub leaves it that was killed: half of what it acknowledged is in the write-ahead log only."""
    return make_place(tmp_path_factory.mktemp("killed"), django_db_blocker)


@pytest.fixture(scope="module")
def closed(killed: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """As a hub leaves it that ended in order, but for the watermark: everything is in the database file."""
    place = killed.copy_to(tmp_path_factory.mktemp("closed") / "place")
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not (place.directory / WAL).exists()
    return place


@pytest.fixture(scope="module")
def whole(killed: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return killed.copy_to(tmp_path_factory.mktemp("whole") / "place").start()


@pytest.fixture
def place(killed: Place, tmp_path: Path) -> Place:
    return killed.copy_to(tmp_path / "place")


def execute(place: Place, statement: str, *values: Any) -> None:
    """Behind the product's back."""
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        assert connection.execute(statement, values).rowcount > 0


def test_what_a_killed_hub_leaves_is_whole(place: Place, whole: dict[str, View]) -> None:
    assert place.start() == whole
    assert (len(whole["roses"].messages), whole["roses"].version, whole["tea"].version) == (61, 3, 1)
    assert_sound(place.database)


# -- the files of the database


@st.composite
def damages(draw: st.DrawFn, size: int) -> Callable[[bytearray], None]:
    at, length = draw(st.integers(0, size - 1)), draw(st.integers(1, 600))
    kind = draw(st.sampled_from(["flip"] * 5 + ["cut", "zero", "junk"]))
    bit, seed = 1 << draw(st.integers(0, 7)), draw(st.integers(0, 2**32))

    def damage(data: bytearray) -> None:
        hit = len(data[at : at + length])
        if kind == "flip":
            data[at] ^= bit
        elif kind == "cut":
            del data[at:]
        else:
            data[at : at + length] = bytes(hit) if kind == "zero" else random.Random(seed).randbytes(hit)

    return damage


def start_damaged(place: Place, name: str, damage: Callable[[bytearray], None]) -> dict[str, View] | None:
    """None: refused."""
    file = place.directory / name
    data = bytearray(file.read_bytes())
    damage(data)
    file.write_bytes(data)
    try:
        return place.start()
    except Unusable:
        return None


MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(st.data())
def test_a_damaged_database_file_is_whole_or_refused(
    closed: Place, whole: dict[str, View], tmp_path: Path, data: st.DataObject
) -> None:
    place = closed.copy_to(tmp_path / "place")
    damage = data.draw(damages(place.database.stat().st_size))
    assert start_damaged(place, DATABASE, damage) in (whole, None)


@MANY
@given(st.data())
def test_a_damaged_write_ahead_log_is_whole_or_refused(
    killed: Place, whole: dict[str, View], tmp_path: Path, data: st.DataObject
) -> None:
    place = killed.copy_to(tmp_path / "place")
    damage = data.draw(damages((place.directory / WAL).stat().st_size))
    assert start_damaged(place, WAL, damage) in (whole, None)


def assert_tea_goes_on(found: dict[str, View], whole: dict[str, View]) -> None:
    """Nothing of tea is lost. Its clients were told what is not there, so it has another epoch, in one more version."""
    assert set(found) == {"tea"}
    tea = found["tea"]
    assert (tea.epoch != whole["tea"].epoch, tea.version) == (True, whole["tea"].version + 1)
    as_before = replace(tea, epoch=whole["tea"].epoch, version=tea.version - 1, changed_at=whole["tea"].changed_at)
    assert as_before == whole["tea"]


def test_a_missing_write_ahead_log_is_noticed_until_the_owner_goes_on_without_it(
    place: Place, whole: dict[str, View]
) -> None:
    (place.directory / WAL).unlink()
    with pytest.raises(LostChanges, match=r"^3 changes that were acknowledged are not in .*hub.watermark to go on"):
        place.start()
    (place.directory / "hub.watermark").unlink()
    assert_tea_goes_on(place.start(), whole)


def test_after_an_import_nothing_is_missed_any_more(place: Place, whole: dict[str, View]) -> None:
    other = place.copy_to(place.directory.parent / "other")
    with other.used():
        document = export_document(new_view)
    (place.directory / WAL).write_bytes(b"")
    with pytest.raises(LostChanges):
        place.start()
    with place.used():
        import_document(document, NOW, new_view)
    found = place.start()
    assert {name: view.messages for name, view in found.items()} == {
        name: view.messages for name, view in whole.items()
    }


def test_what_a_power_cut_took_does_not_stop_the_start(place: Place, whole: dict[str, View]) -> None:
    (place.directory / WAL).unlink()
    log_id, number, start = (place.directory / "hub.watermark").read_text().split()
    (place.directory / "hub.watermark").write_text(f"{log_id} {number} {int(start) - 3600}\n")
    assert_tea_goes_on(place.start(), whole)


@pytest.mark.parametrize("content", [b"", b"seven", b"\xff\xff"])
def test_a_damaged_watermark_is_refused_by_name(place: Place, content: bytes) -> None:
    (place.directory / "hub.watermark").write_bytes(content)
    with pytest.raises(LostChanges, match=r"hub.watermark cannot be read .*remove it to start"):
        place.start()


def test_a_hub_that_ended_in_order_leaves_one_file_and_no_watermark(place: Place, whole: dict[str, View]) -> None:
    with place.used():
        hub = Hub()
        hub._load()
        hub._leave()
    assert not (place.directory / "hub.watermark").exists()
    assert not (place.directory / WAL).exists()
    assert place.start() == whole


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 32768])
def test_a_missing_or_damaged_index_of_the_log_is_made_anew(
    place: Place, whole: dict[str, View], content: bytes | None
) -> None:
    (place.directory / SHM).unlink()
    if content is not None:
        (place.directory / SHM).write_bytes(content)
    assert place.start() == whole


# -- rows


def test_whatever_bit_of_a_stored_body_flips_it_is_refused_by_its_account_and_version(place: Place) -> None:
    for table, version in (("sync_change", 3), ("sync_checkpoint", 1)):
        row = f"account_id='roses' AND version={version}"
        with closing(sqlite3.connect(place.database)) as connection:
            [body] = connection.execute(
                f"SELECT body FROM {table} WHERE account_id='roses' AND version={version}"
            ).fetchone()
        for at in random.Random(1).sample(range(len(body)), 8):
            damaged = body[:at] + bytes([body[at] ^ 1 << at % 8]) + body[at + 1 :]
            execute(place, f"UPDATE {table} SET body=? WHERE {row}", damaged)
            with pytest.raises(Damaged, match=rf"^account roses: the \w+ of version {version} cannot be read: "):
                place.start()
        execute(place, f"UPDATE {table} SET body=? WHERE {row}", body)
    place.start()


CHANGE = "account_id='roses' AND version=3"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (f"UPDATE sync_change SET body=substr(body, 1, 40) WHERE {CHANGE}", "roses: the change of version 3"),
        (f"UPDATE sync_change SET body='' WHERE {CHANGE}", "not bytes but str"),
        (f"UPDATE sync_change SET body=12345678901234 WHERE {CHANGE}", "not bytes but int"),
        (f"UPDATE sync_change SET at=at+1 WHERE {CHANGE}", "its checksum is another one"),
        (f"UPDATE sync_change SET seq_to=seq_to+1 WHERE {CHANGE}", "its checksum is another one"),
        (f"UPDATE sync_change SET seq_from='x' WHERE {CHANGE}", "its checksum is another one"),
        (f"UPDATE sync_change SET actor='boss' WHERE {CHANGE}", "its checksum is another one"),
        (f"UPDATE sync_change SET version=4 WHERE {CHANGE}", "roses: its row says version 3"),
        ("UPDATE sync_change SET version=7 WHERE account_id='roses' AND version=2", "roses: version 2 is missing"),
        (f"UPDATE sync_change SET account_id='tea' WHERE {CHANGE}", "roses: its row says version 3"),
        (f"UPDATE sync_change SET account_id='lost' WHERE {CHANGE}", "account 'lost' is in sync_change"),
        ("DELETE FROM sync_change WHERE account_id='roses' AND version=2", "roses: version 2 is missing"),
        (f"DELETE FROM sync_change WHERE {CHANGE}", "roses: its row says version 3"),
        ("DELETE FROM sync_account WHERE id='tea'", "account 'tea' is in sync_change"),
        ("UPDATE sync_account SET id='teb' WHERE id='tea'", "account 'tea' is in sync_change"),
        ("UPDATE sync_account SET version=2 WHERE id='roses'", "roses: its row says version 2 and event 8"),
        ("UPDATE sync_account SET version=0, seq=0 WHERE id='tea'", "tea: its change log goes on after version 0"),
        ("UPDATE sync_account SET version=4 WHERE id='roses'", "roses: its row says version 4"),
        ("UPDATE sync_account SET seq=seq+1 WHERE id='roses'", "roses: its row says version 3 and event"),
        ("UPDATE sync_account SET version='x' WHERE id='roses'", "account 'roses' has a damaged version"),
        ("UPDATE sync_account SET config='{' WHERE id='roses'", "in sync_account"),
        ("UPDATE sync_account SET created_at='soon' WHERE id='roses'", "account 'roses' has no created_at"),
        ("UPDATE sync_account SET created_at='2026-99-99 10:00' WHERE id='roses'", "account 'roses' cannot be read"),
        ("UPDATE sync_account SET name=x'ff' WHERE id='roses'", "account 'roses' has a damaged name"),
        ("UPDATE sync_checkpoint SET version=2", "roses: the checkpoint of version 2"),
        ("UPDATE sync_checkpoint SET account_id='tea'", "tea: the checkpoint of version 1"),
        ("DELETE FROM sync_checkpoint", None),
        ("DROP TABLE sync_checkpoint", "no such table: sync_checkpoint. Run `manage.py migrate`"),
    ],
)
def test_a_damaged_row_is_refused_by_name(
    place: Place, whole: dict[str, View], statement: str, reason: str | None
) -> None:
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
    if reason is None:
        assert place.start() == whole
        return
    with pytest.raises(Unusable, match=reason):
        place.start()


# -- what lies beside the database


@pytest.mark.parametrize("content", [b"", b"\x00" * 4096, b"process 7 on pc"])
def test_what_stands_in_the_lock_and_in_the_name_of_its_holder_does_not_matter(
    place: Place, whole: dict[str, View], content: bytes
) -> None:
    for name in ("hub.lock", "hub.holder"):
        (place.directory / name).write_bytes(content)
    with place.used():
        hub = Hub()
        hub.acquire()
        (place.directory / "hub.holder").write_bytes(b"\xff\xff")
        with pytest.raises(HubRefused, match="an unknown process"):
            Hub().acquire()
        hub._hold.release()
    assert place.start() == whole


@pytest.mark.parametrize("name", ["hub.lock", "hub.holder"])
def test_a_lock_that_is_no_file_is_refused_by_name(place: Place, name: str) -> None:
    (place.directory / name).mkdir()
    with place.used(), pytest.raises(Unusable, match=rf"{name} cannot be .*[Ii]s a directory"):
        Hub().acquire()
