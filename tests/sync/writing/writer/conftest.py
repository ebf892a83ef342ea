"""Two accounts, and a writer for them."""

import pytest

from sync.models import Account
from tests.sync.writing.a_hub import AHub


@pytest.fixture
def hub(db: None) -> AHub:
    for account_id in ("a", "b"):
        Account.objects.create(pk=account_id, name=account_id)
    return AHub()
