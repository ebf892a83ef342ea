"""One hub for each database: refused by name while another lives, and at once no longer when it is killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sync.core.change.changes import OwnerChanged
from sync.hub import Hub
from sync.hub_errors import HubRefused
from sync.storage.integrity import database_name
from sync.storage.locks.database_lock import take_database_lock
from sync.storage.locks.directory_lock import Held
from sync.storage.records import Actor
from sync.writing.jobs import Job, as_change
from tests.sync.holder import a_holder

pytestmark = pytest.mark.django_db


def test_a_second_hub_on_one_database_is_refused_with_the_holder_s_name_until_that_is_killed(tmp_path: Path) -> None:
    hub = Hub()
    with a_holder(tmp_path) as holder:
        with pytest.raises(HubRefused) as refused:
            hub.acquire()
        assert f"holds {database_name()}: process {holder.pid} on " in str(refused.value)
        assert str(settings.DATA_DIR) not in str(refused.value).replace(database_name(), "")
        holder.kill()
        holder.wait()
        hub.acquire()
    assert hub._hold._locks is not None
    hub._hold._locks.check()
    hub._hold.release()


def test_a_refused_hub_lets_go_of_its_own_data_directory(tmp_path: Path) -> None:
    held = take_database_lock()
    with pytest.raises(HubRefused, match=f"process {os.getpid()} on "):
        Hub().acquire()
    held.release()
    hub = Hub()
    hub.acquire()
    hub._hold.release()


def test_an_import_is_named_as_one() -> None:
    held = take_database_lock("an import, ")
    with pytest.raises(Held, match=f"an import, process {os.getpid()} on "):
        take_database_lock()
    held.release()


def test_two_names_of_one_database_are_one_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = take_database_lock()
    if connection.vendor == "sqlite":
        link = tmp_path / "other.sqlite3"
        link.symlink_to(connection.settings_dict["NAME"])
        monkeypatch.setitem(connection.settings_dict, "NAME", str(link))
    with pytest.raises(Held):
        take_database_lock()
    held.release()


def test_a_lock_whose_session_was_ended_is_taken_again_or_is_another_one_s(tmp_path: Path) -> None:
    """A file's lock has no session: nothing takes it away."""
    held = take_database_lock()
    end_sessions()
    held.check()
    with pytest.raises(Held):
        take_database_lock()
    if connection.vendor == "postgresql":
        end_sessions()
        other = take_database_lock("an import, ")
        with pytest.raises(Held, match="an import, process"):
            held.check()
        other.release()
        held.check()
    held.release()


async def test_a_hub_whose_database_was_taken_takes_no_more_changes_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    class Taken:
        def check(self) -> None:
            raise Held("the database imhub", "process 7 on atlas")

    hub = Hub()
    reasons: list[str] = []
    hub.on_lost = reasons.append
    monkeypatch.setattr(hub._hold, "_locks", Taken())
    assert not await hub._holds_database()
    assert reasons == [
        "another hub, or an import, took the database imhub while its server was away: process 7 on atlas"
    ]
    job = Job(account_id="a", make=as_change(OwnerChanged(at=1)), actor=Actor("owner"), answer=lambda _outcome: None)
    assert not hub.writer.submit(job)


def end_sessions() -> None:
    """As a restart of the server does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees who was there when it first looked
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%process%'"
            )
