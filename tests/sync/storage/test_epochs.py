"""The epoch of an account: random from its first version, the same after every start, another after a restore."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from sync.core.account.view import View
from sync.hub import Hub
from sync.models import Account, LogState
from sync.storage import home, watermark
from sync.storage.errors import LostChanges
from tests.sync.histories import a_conversation, a_message, load, write_history
from tests.sync.places import DATABASE, Place, make_place

ELSEWHERE = "another data directory served this database last"


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


def test_another_database_is_not_taken_for_an_older_one_but_for_one_from_elsewhere(
    place: Place, killed: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        go_on(place)
        with place.used():
            write_history("tea", {"messages": [a_message(1)]})
    end_in_order(place)
    other = make_place(tmp_path / "other", place._blocker)
    end_in_order(other)
    before = epochs(other.start())
    restore(place, other.database)
    after = epochs(place.start())
    assert "than at the last end" not in caplog.text
    assert ELSEWHERE in caplog.text
    assert set(after.values()).isdisjoint({"", *before.values()})
    with place.used():
        assert load("tea").epoch == after["tea"]


# -- copies


def copied_whole(place: Place) -> Place:
    return place.copy_to(place.directory.parent / "copy")


def copied_database(place: Place) -> Place:
    """Without anything that lay beside it."""
    directory = place.directory.parent / "copy"
    directory.mkdir()
    shutil.copy(place.database, directory)
    return Place(directory, place._blocker)


def restored_whole(place: Place) -> Place:
    """By a tool that keeps the times of files, over those that are there."""
    copy = copied_whole(place)
    go_on(place)
    end_in_order(place)
    for file in place.directory.iterdir():
        file.unlink()
    shutil.copytree(copy.directory, place.directory, dirs_exist_ok=True, copy_function=shutil.copy2)
    return place


def without_its_number(place: Place) -> Place:
    (place.directory / "hub.highest").unlink()
    return place


def with_a_damaged_home(place: Place) -> Place:
    (place.directory / "hub.home").write_bytes(b"\xff")
    return place


@pytest.mark.parametrize(
    "copied", [copied_whole, copied_database, restored_whole, without_its_number, with_a_damaged_home]
)
def test_a_copy_has_new_epochs_and_the_same_data(place: Place, copied: Callable[[Place], Place]) -> None:
    before = place.start()
    end_in_order(place)
    copy = copied(place)
    after = copy.start()
    for name, view in after.items():
        assert view.epoch not in ("", before[name].epoch)
        assert view.messages == before[name].messages
    assert copy.start() == after
    end_in_order(copy)
    assert copy.start() == after


def test_a_database_that_was_served_elsewhere_meanwhile_has_new_epochs(place: Place) -> None:
    before = epochs(place.start())
    end_in_order(place)
    other = copied_database(place)
    elsewhere = epochs(other.start())
    end_in_order(other)
    shutil.copy(other.database, place.database)
    assert set(epochs(place.start()).values()).isdisjoint({*before.values(), *elsewhere.values()})


@pytest.mark.parametrize("moment", ["the file is written", "the file is not written", "both are written"])
def test_whenever_a_hub_is_killed_while_it_settles_its_epochs_stay(
    place: Place, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = epochs(place.start())
    with place.used():
        state = LogState.objects.get()
        if moment == "the file is not written":
            monkeypatch.setattr(home, "write_private", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        home.settle()
        monkeypatch.undo()
        if moment == "the file is written":
            LogState.objects.update(home=state.home)
        assert (LogState.objects.get().home == state.home) == (moment != "both are written")
    for _ in range(2):
        assert epochs(place.start()) == before


def test_a_database_that_no_hub_with_a_home_served_is_no_copy(place: Place) -> None:
    """As an earlier version leaves it."""
    before = epochs(place.start())
    end_in_order(place)
    copy = copied_database(place)
    with copy.used():
        LogState.objects.update(home="")
    assert epochs(copy.start()) == before


# -- on whatever database


def load_and(leave: bool) -> dict[str, str]:
    hub = Hub()
    hub._load()
    if leave:
        hub._leave()
    return {name: hub.store.get_view(name).epoch for name in hub.store.account_ids()}


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_database_that_counts_fewer_changes_was_restored(
    ended: bool, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA_DIR = tmp_path
    write_history("roses", {"messages": [a_message(1)]})
    before = load_and(leave=False)
    write_history("roses", {"messages": [a_message(1), a_message(2)]})
    assert load_and(leave=ended) == before
    LogState.objects.update(committed=F("committed") - 1)  # as in a backup of before the second change
    if connection.vendor == "sqlite" and not ended:
        with pytest.raises(LostChanges):  # it may have been lost in silence
            load_and(leave=False)
        return
    after = load_and(leave=True)
    assert after["roses"] not in ("", before["roses"])
    assert "1 changes" in caplog.text
    assert load_and(leave=False) == load_and(leave=True) == after
