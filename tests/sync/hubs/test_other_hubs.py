"""A hub that catches up with others before it shows a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from sync.hubs import other_hubs
from sync.hubs.other_hubs import OtherHubs
from sync.models import Account
from sync.storage.observations import Freshness
from sync.worker.service import WorkerService
from tests.sync.hubs.test_two_writers import OneOfTwo
from tests.sync.writing.a_hub import NOW

pytestmark = pytest.mark.django_db


def others_of(hub: OneOfTwo, follow: Callable[[Iterable[str]], None]) -> OtherHubs:
    return OtherHubs(hub.store, follow, WorkerService(lambda: NOW), Freshness(), lambda: NOW)


@pytest.fixture
def here() -> OneOfTwo:
    Account.objects.create(pk="a", name="a")
    return OneOfTwo()


def test_what_another_hub_committed_is_here_when_the_wait_ends(here: OneOfTwo) -> None:
    there, followed = OneOfTwo(), list[str]()

    def follow(account_ids: Iterable[str]) -> None:
        followed.extend(account_ids)
        here.follow()

    others = others_of(here, follow)
    there.write(1)
    others.catch_up()
    assert here.holds == there.holds
    here.write(2)
    others.catch_up()
    assert followed == ["a"]  # what this hub wrote itself it has


def test_a_page_waits_for_no_account_that_cannot_be_read(here: OneOfTwo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_hubs, "CATCH_UP_S", 0.01)
    OneOfTwo().write(1)
    asked: list[list[str]] = []
    others_of(here, lambda ids: asked.append(list(ids))).catch_up()
    assert asked == [["a"]]
    assert here.store.get_view("a").version == 0
