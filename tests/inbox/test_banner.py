"""The one line above the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from im_api.queries.account_overview import AssignedWorker
from inbox.pages.account_cards import AccountCard
from inbox.pages.account_state import CardState
from inbox.pages.banner import Banner, make_banner

NOW = 1_790_000_000_000
MINUTE = 60_000
TONES = {"late": "wait", "reading": "wait", "fresh": "ok", "paused": "off"}


def a_card(name: str, kind: str, seen_min: int | None = 30, *, host: str = "前台电脑", **fields: Any) -> AccountCard:
    seen_at = None if seen_min is None else NOW - seen_min * MINUTE
    now = CardState(
        kind=kind, words=kind, tone=TONES.get(kind, "act"), seen_at=seen_at, surface=fields.pop("surface", None)
    )
    values: dict[str, Any] = {
        "id": name, "name": name, "initial": name[:1], "tint": 0, "color": None, "is_pale": False, "group": "",
        "own_group": None, "platform": "抖音", "now": now, "observed": "", "worker": AssignedWorker(host, host, False),
        "is_paused": False, "conversations": 0, "unread": 0, "needs_reply": 0, "may_write": True,
    }  # fmt: skip
    return AccountCard(**(values | fields))


def banner(*cards: AccountCard, dismissed: frozenset[str] = frozenset(), is_owner: bool = True) -> Banner | None:
    return make_banner(cards, NOW, is_owner=is_owner, dismissed=dismissed)


def said(*cards: AccountCard) -> str:
    with translation.override("zh-hans"):
        found = banner(*cards)
    assert found is not None
    return found.strong + found.rest


def test_a_lost_login_says_since_when_and_leads_to_the_account() -> None:
    card = a_card("探店小李", "login")
    assert said(card) == "「探店小李」需要重新登录，21:43 起收不到它的新消息。"
    found = banner(card)
    assert found is not None
    assert (found.action, found.href) == ("Accounts", "/accounts#card-探店小李")


def test_a_name_cannot_break_the_sentence() -> None:
    found = banner(a_card("100%</b>%(time)s", "login"))
    assert found is not None
    assert found.strong == "“100%</b>%(time)s” needs a new login."


def test_a_computer_that_is_off_is_one_sentence_for_all_its_accounts() -> None:
    cards = [a_card("甲", "worker", 40), a_card("乙", "worker", 50)]
    assert said(*cards) == "电脑「前台电脑」没有在工作，2 个账号从 21:33 起没有更新。请看看它是否关机、休眠或断网。"


def test_a_page_that_changed_is_one_sentence_for_all() -> None:
    cards = [a_card(name, "page", surface="messages") for name in "甲乙"]
    assert said(*cards) == "抖音的私信页面变了，暂时读不到。其他内容照常；之前读到的都在。"


def test_different_troubles_are_counted() -> None:
    cards = [
        a_card("丙", "page", surface="comments"),
        a_card("甲", "worker"),
        a_card("乙", "login"),
        a_card("丁", "late"),
    ]
    assert said(*cards) == "3 个账号需要处理 乙 · login，甲 · worker，丙 · page"
    found = banner(*cards)
    assert found is not None
    assert found.href == "/accounts"


@pytest.mark.parametrize("kind", ["login", "worker", "unassigned", "error", "page", "stale", "banned"])
def test_every_trouble_has_a_sentence_with_and_without_a_time(kind: str) -> None:
    assert "22:03" not in said(a_card("甲", kind, None, surface="messages"))
    assert "甲" in said(a_card("甲", kind, surface="messages")) or kind in ("worker", "page")


@pytest.mark.parametrize("kind", ["fresh", "late", "reading", "paused"])
def test_what_mends_by_itself_is_no_banner(kind: str) -> None:
    assert banner(a_card("甲", kind)) is None


def test_what_the_owner_paused_is_missed_by_nobody() -> None:
    assert banner(a_card("甲", "login", is_paused=True)) is None


def test_a_dismissed_banner_comes_back_at_the_next_change() -> None:
    first = banner(a_card("甲", "login"))
    assert first is not None
    dismissed = frozenset({first.key})
    assert banner(a_card("甲", "login"), dismissed=dismissed) is None
    assert banner(a_card("甲", "login", 5), dismissed=dismissed) is not None
    assert banner(a_card("甲", "login"), a_card("乙", "login"), dismissed=dismissed) is not None


def test_the_demo_says_so_when_nothing_is_worse(settings: Any) -> None:
    settings.DEMO = True
    assert said() == "演示：账号和消息都是编的，不连接抖音。"
    assert said(a_card("甲", "login")).startswith("「甲」需要重新登录")
    found = banner(is_owner=False)
    assert found is not None
    assert (found.tone, found.action) == ("info", "")
    assert banner(dismissed=frozenset({"demo"})) is None
