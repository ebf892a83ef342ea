"""The epoch of an account: random from its first version, the same after every start, another after a restore."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sync.core.account.view import View
from sync.hub import Hub
from sync.models import Account
from sync.storage import watermark
from sync.storage.errors import LostChanges
from tests.sync.histories import a_conversation, a_message, load, write_history
from tests.sync.places import DATABASE, Place, make_place


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Place:
    return make_place(tmp_path_factory.mktemp("killed"), django_db_blocker)


@pytest.fixture
def place(killed: Place, tmp_path: Path) -> Place:
    """Its hub ended in order."""
    place = killed.copy_to(tmp_path / "place")
    end_in_order(place)
    return place


def end_in_order(place: Place) -> None:
    with place.used():
        hub = Hub()
        hub._load()
        hub._leave()


def go_on(place: Place) -> None:
    """One more change."""
    with place.used():
        write_history("tea", {"messages": [a_message(1), a_message(2)]})


def restore(place: Place, backup: Path) -> None:
    """As an owner does: the file of the database and nothing else."""
    for file in place.directory.glob(f"{DATABASE}*"):
        file.unlink()
    shutil.copy(backup, place.database)


def epochs(views: dict[str, View]) -> dict[str, str]:
    return {name: view.epoch for name, view in views.items()}


@pytest.fixture
def backup(place: Place, tmp_path: Path) -> Path:
    return Path(shutil.copy(place.database, tmp_path / "backup.sqlite3"))


def test_every_account_has_an_epoch_of_its_own_from_its_first_version(place: Place) -> None:
    found = epochs(place.start())
    assert sorted(found) == ["roses", "tea"]
    assert all(len(epoch) == 32 for epoch in found.values())
    assert len(set(found.values())) == 2


def test_an_account_that_is_made_again_has_another(place: Place) -> None:
    before = epochs(place.start())
    with place.used():
        Account.objects.get(pk="tea").delete()
        write_history("tea", {"conversations": [a_conversation(1)]})
    after = epochs(place.start())
    assert after["tea"] not in ("", before["tea"])
    assert after["roses"] == before["roses"]


def test_starts_and_later_changes_leave_it(place: Place) -> None:
    before = epochs(place.start())
    go_on(place)
    assert epochs(place.start()) == before
    end_in_order(place)
    assert epochs(place.start()) == before


def test_a_restored_backup_has_new_epochs_and_the_same_data(
    place: Place, backup: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = place.start()
    go_on(place)
    end_in_order(place)
    restore(place, backup)
    after = place.start()
    assert "older by 1 changes than at the last end" in caplog.text
    for name, view in after.items():
        assert view.epoch not in ("", before[name].epoch)
        assert (view.version, view.seq) == (before[name].version + 1, before[name].seq)
        assert (view.messages, view.conversations) == (before[name].messages, before[name].conversations)
    assert place.start() == after
    go_on(place)
    end_in_order(place)
    assert epochs(place.start()) == epochs(after)


def test_a_database_that_a_killed_hub_left_and_that_was_restored_has_new_epochs(place: Place, backup: Path) -> None:
    before = epochs(place.start())
    go_on(place)
    restore(place, backup)
    with pytest.raises(LostChanges, match=r"^1 changes that were acknowledged are not in"):
        place.start()
    (place.directory / "hub.watermark").unlink()  # as the message says
    after = epochs(place.start())
    assert set(after.values()).isdisjoint({"", *before.values()})
    assert epochs(place.start()) == after


def test_what_a_power_cut_took_along_is_never_gone_on_from(
    place: Place, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = epochs(place.start())
    go_on(place)
    restore(place, backup)
    monkeypatch.setattr(watermark, "_machine_start", lambda: 2_000_000_000)
    assert set(epochs(place.start()).values()).isdisjoint({"", *before.values()})


def test_another_database_is_not_taken_for_an_older_one(place: Place, killed: Place, tmp_path: Path) -> None:
    for _ in range(2):
        go_on(place)
        with place.used():
            write_history("tea", {"messages": [a_message(1)]})
    end_in_order(place)
    other = make_place(tmp_path / "other", place._blocker)
    end_in_order(other)
    before = epochs(other.start())
    restore(place, other.database)
    assert epochs(place.start()) == before
    with place.used():
        assert load("tea").epoch == before["tea"]
