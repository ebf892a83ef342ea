"""Stored browser sessions: encrypted at rest, wiped by a logout, and sealed anew with another key."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from sync.models import Account, AccountSession
from sync.worker.session_encryption import SessionUnreadable, load_session, save_session
from tests.sync.threaded_hub import running_hub

STATE = {"cookies": [{"name": "sessionid", "value": "canary-7f3a"}], "origins": []}


@pytest.fixture
def place(settings: Any, tmp_path: Path, transactional_db: None) -> Path:
    """A data directory with a key of its own, and one account that is logged in."""
    settings.DATA_DIR = tmp_path
    settings.SESSION_KEY = Fernet.generate_key().decode()
    (tmp_path / "session_key").write_text(settings.SESSION_KEY + "\n")
    Account.objects.create(pk="roses", name="Roses")
    save_session("roses", STATE)
    return tmp_path


def rotate() -> str:
    out = StringIO()
    call_command("rotate_session_key", stdout=out)
    return out.getvalue()


def test_a_session_is_opened_by_the_new_key_alone(place: Path, settings: Any) -> None:
    old = settings.SESSION_KEY
    before = bytes(AccountSession.objects.get().sealed)
    assert b"canary" not in before
    assert rotate() == "sessions encrypted with the new key: 1\n"
    new = (place / "session_key").read_text().strip()
    assert new != old
    assert oct((place / "session_key").stat().st_mode)[-3:] == "600"
    settings.SESSION_KEY = new
    assert load_session("roses") == STATE
    settings.SESSION_KEY = old
    with pytest.raises(SessionUnreadable):
        load_session("roses")


def test_a_session_that_no_key_opens_is_deleted_and_named(place: Path) -> None:
    Account.objects.create(pk="tea", name="Tea")
    AccountSession.objects.create(account_id="tea", sealed=b"gAAAAnonsense")
    assert rotate().splitlines()[1] == "deleted, because the old key does not open them: tea"
    assert list(AccountSession.objects.values_list("account_id", flat=True)) == ["roses"]


def test_a_key_of_the_environment_is_the_owners_to_change(place: Path, settings: Any) -> None:
    settings.SESSION_KEY = Fernet.generate_key().decode()
    with pytest.raises(CommandError, match="IMHUB_SESSION_KEY="):
        rotate()
    assert (place / "session_key").read_text().strip() != settings.SESSION_KEY


def test_beside_a_running_hub_nothing_is_changed(place: Path, settings: Any) -> None:
    with running_hub(), pytest.raises(CommandError, match="Stop it first"):
        rotate()
    assert (place / "session_key").read_text().strip() == settings.SESSION_KEY
    assert load_session("roses") == STATE


def test_a_logout_wipes_the_session_here(place: Path) -> None:
    with running_hub() as hub:
        hub.log_out_account("roses")
    assert AccountSession.objects.count() == 0
