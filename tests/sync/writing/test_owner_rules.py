"""The owner's rules reach every account of a running hub, and are there again after a start."""

from __future__ import annotations

import pytest

from sync.core.account.view import View
from sync.core.closing_words import DEFAULT_CLOSING_WORDS
from sync.hub import Hub
from sync.models import Account, Change, HubSettings
from sync.storage.change_log import ChangeLog
from tests.servers import eventually
from tests.sync.histories import NOW, a_conversation, a_message, load, write_history
from tests.sync.threaded_hub import running_hub

pytestmark = pytest.mark.django_db(transaction=True)
THANKS = "在的"


@pytest.fixture(autouse=True)
def shops() -> None:
    """Two, each with somebody who says the same after our own words."""
    own = a_message(1, direction="outbound")
    for name in ("roses", "tea"):
        said = [own, a_message(2, content=THANKS, createdAt=NOW + 60_000)]
        write_history(name, {"conversations": [a_conversation(1)], "messages": [own]}, {"messages": said}, now=NOW)


def waits(hub: Hub) -> list[int]:
    return [hub.store.get_view(name).totals.needs_reply for name in ("roses", "tea")]


def set_words(*words: str) -> None:
    row = HubSettings.objects.filter(pk=HubSettings.ONLY).first() or HubSettings()
    row.closing_words = list(words)
    row.save()


def replayed(hub: Hub, name: str) -> View:
    return ChangeLog().load(name, hub.store.new_view)


def test_another_list_counts_at_once_in_every_account_and_survives_a_start() -> None:
    with running_hub() as hub:
        assert waits(hub) == [1, 1]
        set_words(THANKS)
        eventually(lambda: waits(hub) == [0, 0], "the rules count", 30)
        assert replayed(hub, "roses") == hub.store.get_view("roses")
    written = Change.objects.count()
    with running_hub() as hub:
        assert waits(hub) == [0, 0]
        HubSettings.objects.all().delete()
        eventually(lambda: waits(hub) == [1, 1], "the rules count", 30)
        assert hub.store.get_view("tea").rules.closing_words == DEFAULT_CLOSING_WORDS
    assert Change.objects.count() == written + 2


def test_a_list_that_was_changed_while_no_hub_ran_counts_from_the_start_on() -> None:
    set_words(THANKS)
    assert load("roses").totals.needs_reply == 1
    with running_hub() as hub:
        eventually(lambda: waits(hub) == [0, 0], "the rules count", 30)


def test_that_fans_count_is_said_of_one_account() -> None:
    with running_hub() as hub:
        account = Account.objects.get(pk="tea")
        account.config = {"fans_count": True}
        account.save()
        eventually(lambda: hub.store.get_view("tea").rules.fans_count, "the rules count", 30)
        assert not hub.store.get_view("roses").rules.fans_count


def test_rules_that_the_writer_refused_are_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_hub() as hub:
        with monkeypatch.context() as patched:
            patched.setattr(hub.writer, "submit", lambda job: False)
            set_words(THANKS)
            hub._owner_changes.directory_changed(hub.directory)
        assert waits(hub) == [1, 1]
        eventually(lambda: waits(hub) == [0, 0], "the rules count", 30)
