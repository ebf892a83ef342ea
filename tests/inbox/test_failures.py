"""Why an account cannot be read, as people are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from msgspec.structs import replace

from crawler.browsers.browser import BrowserLost
from crawler.browsers.chromium import NoChromium
from crawler.errors import CheckAsked, Kicked, PageChanged, PageMoved, Retryable, SlowDown, WrongAccount, brief
from im_api.queries import get_liveness, list_authorized
from im_api.queries.account_overview import AssignedWorker
from im_api.shapes.accounts import user
from inbox.formatting import format_clock
from inbox.pages.account_cards import make_card
from inbox.pages.accounts.failures import format_failure, format_pause
from sync.core.account.entries import Report
from sync.hub import Hub
from tests.im_api.conftest import NOW, USERS, a_directory, an_account

OWNER = USERS[2]


@pytest.mark.parametrize(
    ("report", "english", "chinese"),
    [
        (
            brief(Retryable("IM status_code 7: too fast")),
            "抖音 asks the computer to be slower.",
            "抖音提示操作过于频繁，读取会放慢。",
        ),
        (
            "messages: " + brief(Retryable("HTTP 503")),
            "Messages: 抖音 has a fault at the moment.",
            "私信：抖音暂时出了故障。",
        ),
        (brief(Retryable("the page of the login did not answer")), "A page does not open.", "页面打不开。"),
        (
            "Error: net::ERR_INTERNET_DISCONNECTED",
            "The computer has no network, or cannot find 抖音.",
            "这台电脑没有网络，或者找不到抖音的网址。",
        ),
        (
            brief(Retryable("home did not open: net::ERR_CONNECTION_RESET at https://x.example")),
            "The connection from the computer to 抖音 fails.",
            "这台电脑连不上抖音。",
        ),
        (
            brief(BrowserLost("the browser ended during an observation")),
            "The browser on the computer ended, or did not start.",
            "这台电脑上的浏览器退出了，或者没有启动。",
        ),
        (
            brief(BrowserLost("ended 4 times in a row; again in 1 min")),
            "The browser on the computer ended 4 times in a row. It is tried again in 1 min.",
            "电脑上的浏览器连续退出了4次，1分钟后再试。",
        ),
        (
            brief(NoChromium("no Chromium, Chrome or Edge found")),
            "There is no browser on the computer. Install Chromium, Chrome or Edge there.",
            "这台电脑上没有浏览器，请在那里安装 Chromium、Chrome 或 Edge。",
        ),
        (
            brief(WrongAccount("logged in as 1, this account is 2")),
            "Another account is logged in there.",
            "那里登录的是另一个账号。",
        ),
        ("comments: " + brief(PageChanged("no list")), "Comments: 抖音 changed a page.", "评论：抖音的页面变了。"),
        (
            "comments: " + brief(PageMoved("creator:/comment leads to /messages")),
            "Comments: 抖音 moved a page; it was at creator:/comment.",
            "评论：抖音的一个页面换了地址，原来是 creator:/comment。",
        ),
        (
            brief(CheckAsked("the platform asks for a check that a person must pass", "https://x/?token=1")),
            "抖音 asks for a check that a person must pass in the window on the computer.",
            "抖音要求验证，请在那台电脑的浏览器窗口里完成。",
        ),
        (
            "messages: " + brief(SlowDown("status_code 7: 操作过于频繁")),
            "Messages: 抖音 asks the computer to be slower.",
            "私信：抖音提示操作过于频繁，读取会放慢。",
        ),
        (
            brief(Kicked("the page offers to log in again")),
            "抖音 ended the login, most likely because of another one.",
            "登录被抖音退出了，多半是因为在别处又登录了。",
        ),
        ("AccountRefused: bad config: x", "The settings of the account are wrong.", "这个账号的设置有误。"),
        (
            brief(ZeroDivisionError()),
            "The computer says: ZeroDivisionError",
            "电脑报告：ZeroDivisionError",
        ),
        (
            "quite other words",
            "The computer says: quite other words",
            "电脑报告：quite other words",
        ),
        (None, "", ""),
    ],
)
def test_a_known_cause_is_told_in_the_language_of_whoever_looks(report: str | None, english: str, chinese: str) -> None:
    assert format_failure(report, "抖音") == english
    with translation.override("zh-hans"):
        assert format_failure(report, "抖音") == chinese


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("backoff", "messages: Retryable: HTTP 500"),
        ("error", "messages: Retryable: HTTP 500"),
        ("offline", None),
        ("waiting", None),
    ],
)
def test_the_card_and_the_api_tell_it_while_the_account_fails(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, settings: Any, status: str, told: str | None
) -> None:
    settings.ROOT_URLCONF = "imhub.urls"
    hub.directory = a_directory(an_account("acc-a"))
    report = Report(login_status="logged_in", error="messages: Retryable: HTTP 500")
    hub.store.publish([replace(hub.store.get_view("acc-a"), report=report)])
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: status)
    [authorized] = list_authorized(OWNER)
    assert user(authorized, get_liveness("acc-a")).worker_error == told
    assert make_card(authorized, NOW).why == ("Messages: Douyin has a fault at the moment." if told else "")


def test_an_account_that_is_kept_back_because_its_workers_end_again_and_again_says_when_it_is_tried() -> None:
    worker = AssignedWorker("w1", "前台", is_online=True, ended=3, tried_at=NOW)
    with translation.override("en"):
        said = format_pause(worker)
    assert said.startswith("The worker ended 3 times in a row while it read this account. It is tried again at ")
    assert said.endswith(f"{format_clock(NOW)}.")
    assert format_pause(replace(worker, ended=0)) == ""
