"""A worker's text on a failure has one form, whoever reads it."""

from __future__ import annotations

import pytest

from crawler.errors import WrongAccount, brief
from sync.protocol.failure_reports import WRONG_ACCOUNT, FailureReport, parse_failure_report


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("messages: Retryable: HTTP 500", FailureReport("messages", "Retryable", "HTTP 500")),
        ("Retryable: creator:/ did not open", FailureReport("", "Retryable", "creator:/ did not open")),
        ("comments: ZeroDivisionError", FailureReport("comments", "ZeroDivisionError", "")),
        ("TimeoutError", FailureReport("", "TimeoutError", "")),
        ("Retryable: one line\nand another", FailureReport("", "Retryable", "one line\nand another")),
        ("quite other words", None),
        ("WrongAccount, or so", None),
        ("", None),
        (None, None),
    ],
)
def test_a_report_is_taken_apart(text: str | None, parts: FailureReport | None) -> None:
    assert parse_failure_report(text) == parts


def test_the_kind_of_a_wrong_scan_is_the_name_of_the_workers_error() -> None:
    text = brief(WrongAccount("logged in as 1, this account is 2"))
    assert parse_failure_report(text) == ("", WRONG_ACCOUNT, "logged in as 1, this account is 2")
