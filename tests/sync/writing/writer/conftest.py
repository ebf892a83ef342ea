"""Two accounts, and a writer for them. Whatever it writes, another hub on the same database comes to the same."""

from collections.abc import Iterator

import pytest

from sync.core.account.view import View
from sync.core.change.delta import as_delta
from sync.models import Account
from sync.storage.errors import Damaged
from tests.sync.writing.a_hub import AHub


@pytest.fixture
def hub(db: None) -> Iterator[AHub]:
    for account_id in ("a", "b"):
        Account.objects.create(pk=account_id, name=account_id)
    hub, other = AHub(), AHub()
    yield hub
    try:
        stored = hub.loaded()
    except Damaged:  # by the test: no hub can read it
        return
    other.writer.follow(stored)
    other.writer.drain()
    assert {name: _holds(other.store.get_view(name)) for name in stored} == {
        name: _holds(view) for name, view in stored.items()
    }


def _holds(view: View) -> object:
    return view.version, view.seq, view.epoch, as_delta(view)
