"""A start loads every account as the log has it, at the cost of two queries where checkpoints say all."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sync.models import Account, Change, Checkpoint
from sync.storage.change_log import ChangeLog
from sync.storage.errors import Damaged
from tests.sync.writing.a_hub import AHub, messages

pytestmark = pytest.mark.django_db
AT_ONCE = "abcdef"
QUERIES = 3
"""The accounts, the checkpoints, and the accounts whose log goes on."""


def a_hub_of(*names: str) -> AHub:
    hub = AHub()
    for name in names:
        Account.objects.create(pk=name, name=name, lease_epoch=1)
        hub.submit(name, messages(1, 2, account=name))
    hub.writer.drain()
    for name in names:
        hub.log.write_checkpoint(hub.store.get_view(name))
    return hub


def test_accounts_whose_checkpoint_says_all_are_loaded_at_once(django_assert_num_queries: Any) -> None:
    hub = a_hub_of(*AT_ONCE)
    with django_assert_num_queries(QUERIES):
        loaded = hub.loaded()
    assert loaded == {name: hub.store.get_view(name) for name in AT_ONCE}


if connection.vendor == "sqlite":  # it is the plan of SQLite that is asked for

    def test_a_start_does_not_look_at_every_change_there_is() -> None:
        hub = a_hub_of("a")
        with CaptureQueriesContext(connection) as asked:
            hub.loaded()
        plans = []
        with connection.cursor() as cursor:
            for query in asked.captured_queries:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans += [step[-1] for step in cursor.fetchall()]
        assert any("sync_change" in plan for plan in plans)
        assert not [plan for plan in plans if plan.startswith("SCAN sync_change")]


def test_the_others_are_loaded_by_their_log() -> None:
    hub = a_hub_of("a", "b", "c", "d")
    hub.submit("b", messages(1, 2, 3, account="b"))
    hub.writer.drain()
    Checkpoint.objects.filter(pk="c").delete()
    Account.objects.create(pk="empty", name="empty")
    loaded = hub.loaded()
    assert {name: view for name, view in loaded.items() if view.version} == {
        name: hub.store.get_view(name) for name in "abcd"
    }
    assert loaded["empty"].version == 0


@pytest.mark.parametrize("damage", ["checkpoint", "a change that the account does not know"])
def test_what_is_damaged_stops_the_start(damage: str) -> None:
    hub = a_hub_of("a", "b")
    if damage == "checkpoint":
        Checkpoint.objects.filter(pk="b").update(body=b"\0" * 40)
    else:
        change = Change.objects.filter(account_id="b").latest("version")
        change.pk, change.version = None, change.version + 1
        change.save(force_insert=True)
    with pytest.raises(Damaged, match="account b"):
        hub.loaded()


def test_a_checkpoint_of_other_code_is_written_anew_after_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = a_hub_of("a")
    former = bytes(Checkpoint.objects.get(pk="a").body)
    monkeypatch.setattr("sync.storage.checkpoint_body.code_name", lambda: b"another")
    assert hub.loaded()["a"] == hub.store.get_view("a")
    assert bytes(Checkpoint.objects.get(pk="a").body) != former
    assert ChangeLog().load("a", hub.store.new_view) == hub.store.get_view("a")
