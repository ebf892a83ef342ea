"""Hubs that share a database hold it together, and one of them does the chores; all others are kept away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from sync.hub import Hub
from sync.hub_errors import HubRefused
from sync.storage.locks import chores_lease
from sync.storage.locks.database_lock import take_database_lock
from sync.storage.locks.directory_lock import Held, take_directory_lock
from sync.storage.locks.hub_locks import HubLocks, take_locks
from tests.servers import eventually
from tests.sync.storage.test_database_lock import end_sessions

pytestmark = pytest.mark.django_db

IS_SHARED = connection.vendor == "postgresql"


LONG_S = 600.0
"""No lease ends by itself while a test runs, however slow the machine is."""


@pytest.fixture(autouse=True)
def redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "unix:///nowhere"
    monkeypatch.setattr(chores_lease, "LEASE_S", LONG_S)
    monkeypatch.setattr(chores_lease, "RENEW_S", 0.0)


@contextmanager
def held() -> Iterator[HubLocks]:
    locks = take_locks(shared=IS_SHARED)
    try:
        yield locks
    finally:
        locks.release()


def test_with_redis_hubs_share_a_postgresql_and_no_other_database() -> None:
    with held():
        hub = Hub()
        if IS_SHARED:
            hub.acquire()
            hub._hold.release()
        else:
            with pytest.raises(HubRefused):
                hub.acquire()
            assert hub.others is None


def test_an_import_and_a_hub_without_redis_are_kept_away(settings: Any) -> None:
    with held():
        with pytest.raises(Held):
            take_directory_lock("an import, ")
        with pytest.raises(Held):
            take_database_lock("an import, ")
        settings.REDIS_URL = ""
        with pytest.raises(HubRefused):
            Hub().acquire()
    take_locks("an import, ").release()


def test_an_import_keeps_hubs_away() -> None:
    importing = take_locks("an import, ")
    with pytest.raises(HubRefused, match="an import, process"):
        Hub().acquire()
    importing.release()


def test_one_hub_does_the_chores_and_when_it_ends_another_one_takes_over() -> None:
    with held() as first:
        assert first.does_chores
        if not IS_SHARED:
            return
        with held() as second:
            assert not second.does_chores
            second.check()
            assert not second.does_chores
            first.release()
            assert not first.does_chores
            second.check()
            assert second.does_chores


def test_a_hub_whose_session_was_ended_goes_on_with_the_chores() -> None:
    with held() as first:
        if not IS_SHARED:
            return
        end_sessions()
        with held() as second:
            first.check()
            assert (first.does_chores, second.does_chores) == (True, False)


def test_a_hub_that_sleeps_for_longer_than_its_lease_has_lost_the_chores_when_it_wakes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not IS_SHARED:
        return
    with held() as sleeper, held() as other:
        assert (sleeper.does_chores, other.does_chores) == (True, False)
        monkeypatch.setattr(chores_lease, "LEASE_S", 0.2)
        sleeper.check()
        eventually(lambda: not sleeper.does_chores, "its lease is over", 30)  # before it asked anybody
        monkeypatch.setattr(chores_lease, "LEASE_S", LONG_S)
        eventually(lambda: _takes_over(other), "the other one takes them", 30)
        sleeper.check()
        assert (sleeper.does_chores, other.does_chores) == (False, True)


def _takes_over(hub: HubLocks) -> bool:
    hub.check()
    return hub.does_chores
