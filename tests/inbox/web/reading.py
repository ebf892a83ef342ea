"""What the tests of the pages read, and the state that an account is brought into."""

import re
from html import unescape

import pytest
from django.test import Client
from msgspec.structs import replace

from sync.core.account.entries import Report
from sync.hub import Hub
from sync.protocol.messages import WireObservation
from sync.storage.records import Observed

PASSWORD = "a long enough one"


def read(browser: Client, path: str = "/", **headers: str) -> str:
    """What a person reads, on one line."""
    response = browser.get(path, headers=headers)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))).strip()


def run_account(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: "crawling")
    view = hub.store.get_view("roses")
    report = Report(login_status="logged_in", worker_status="crawling")
    hub.store.publish([replace(view, report=report)])


def look(hub: Hub, seconds_ago: int) -> None:
    at = hub.clock() - seconds_ago * 1000
    hub.freshness.note(Observed("roses", [WireObservation(surface="messages", start=at - 2_000, end=at)], hub.clock()))
