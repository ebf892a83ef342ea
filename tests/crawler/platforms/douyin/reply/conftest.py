"""Pages of a machine that does much else: how long they take changes nothing of what is told of a reply."""

import pytest

from crawler.platforms.douyin.reply import comment_window, messages, window

LONG_S = 60.0


@pytest.fixture(autouse=True)
def _left_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor is left as it was, however long its page takes for that."""
    monkeypatch.setattr(messages, "_LEAVES_S", LONG_S)
    for module in (window, comment_window):
        monkeypatch.setattr(module, "_GIVES_UP_S", LONG_S)


@pytest.fixture
def answer_goes_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page shows counts for nothing while the platform's answer may still come."""
    monkeypatch.setattr(messages, "_ANSWER_COMES_S", LONG_S)
