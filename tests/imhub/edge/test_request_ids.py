"""What went wrong has a number for people and the log."""

import re

import pytest
from django.test import Client

from inbox.views import sign_in


def test_a_failure_has_a_number_that_is_in_the_log(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sign_in, "redirect", lambda _to: 1 / 0)
    answer = Client(raise_request_exception=False).get("/logout/")
    assert answer.status_code == 500
    number = answer.headers["IMHub-Request"]
    assert re.fullmatch("[0-9a-f]{8}", number)
    assert f"request {number} failed: GET /logout/" in caplog.text


def test_what_is_well_or_asks_to_come_back_has_none(db: None) -> None:
    for path in ("/login/", "/nothing-here"):
        assert "IMHub-Request" not in Client().get(path).headers
