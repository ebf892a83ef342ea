import pytest

from sync.core.account.account_state import account_state, format_ago


@pytest.mark.parametrize(
    ("status", "login", "worker", "words", "tone"),
    [
        ("active", "logged_in", "crawling", "Running", "ok"),
        ("active", "logged_in", "backoff", "Trying again after an error", "wait"),
        ("active", "logged_in", "waiting", "Waiting for its turn", "wait"),
        ("active", "logged_in", "error", "Stopped by an error", "act"),
        ("active", "unknown", "crawling", "Running", "ok"),
        ("active", "expired", "waiting", "Needs a new login", "act"),
        ("active", "not_logged_in", "waiting", "Needs a login", "act"),
        ("active", "qrcode_pending", "waiting", "Waiting for its login code to be scanned", "act"),
        ("active", "logged_in", "offline", "Its worker is not running", "act"),
        ("active", "expired", "offline", "Needs a new login", "act"),
        ("active", "unknown", "unassigned", "No worker assigned", "act"),
        ("inactive", "logged_in", "offline", "Paused", "off"),
        ("inactive", "expired", "offline", "Needs a new login", "act"),
        ("banned", "logged_in", "crawling", "Banned by the platform", "act"),
        ("pending", "unknown", "unassigned", "Not started yet", "off"),
    ],
)
def test_three_reports_are_one_state(status: str, login: str, worker: str, words: str, tone: str) -> None:
    assert account_state(status, login, worker)[:2] == (words, tone)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s ago"),
        (28, "28 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (119, "1 min ago"),
        (120, "2 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "24 h ago"),
        (2 * 86_400 - 1, "47 h ago"),
        (2 * 86_400, "2 d ago"),
        (10 * 86_400, "10 d ago"),
    ],
)
def test_the_time_since_is_shown_in_one_unit(seconds: int, words: str) -> None:
    assert format_ago(1_790_000_000_000, 1_790_000_000_000 + seconds * 1000) == words


def test_an_unknown_time_is_shown_as_never() -> None:
    assert format_ago(None, 0) == "never"
