"""The one line above the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from im_api.queries.account_overview import AssignedWorker
from inbox.pages.account_cards import AccountCard
from inbox.pages.account_state import CardState
from inbox.pages.banner import Banner, is_trouble, make_banner
from inbox.pages.rail import Rail

NOW = 1_790_000_000_000
MINUTE = 60_000
TONES = {"late": "wait", "reading": "wait", "starting": "wait", "retrying": "wait", "fresh": "ok", "paused": "off"}


def a_card(name: str, kind: str, seen_min: int | None = 30, *, host: str = "前台电脑", **fields: Any) -> AccountCard:
    seen_at = None if seen_min is None else NOW - seen_min * MINUTE
    now = CardState(
        kind=kind,
        words=kind,
        tone=TONES.get(kind, "act"),
        seen_at=seen_at,
        surface=fields.pop("surface", None),
        rest_works=fields.pop("rest_works", False),
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


def test_a_computer_that_is_off_names_its_account_or_counts_them() -> None:
    alone = said(a_card("甲", "worker", 40))
    assert alone == "「甲」从 21:33 起没有更新：电脑「前台电脑」没有在工作。请看看它是否关机、休眠或断网。"
    cards = [a_card("甲", "worker", 40), a_card("乙", "worker", 50)]
    assert said(*cards) == (
        "2 个账号需要处理 电脑「前台电脑」没有在工作，21:33 起没有更新。请看看它是否关机、休眠或断网。"
    )


def test_a_page_that_changed_names_the_account() -> None:
    card = a_card("甲", "page", surface="messages", rest_works=True)
    assert said(card) == "「甲」的私信暂时读不到：抖音的页面变了。其他内容照常；之前读到的都在。"
    cards = [a_card(name, "page", surface="messages") for name in "甲乙"]
    assert said(*cards) == "2 个账号需要处理 乙 · page，甲 · page"


def test_the_rest_works_only_where_it_does() -> None:
    assert "其他内容照常" not in said(a_card("甲", "page", surface="messages"))
    assert said(a_card("甲", "page", surface="messages")).endswith("之前读到的都在。")


def test_what_was_never_read_is_never_said_to_have_stopped() -> None:
    """Each sentence names the account and, where one is to blame, the computer."""
    assert said(a_card("甲", "login", None)) == "「甲」还没有登录，登录之前收不到消息。"
    assert said(a_card("甲", "full", None)) == "电脑「前台电脑」没有空位给「甲」。在有空位之前收不到它的消息。"
    stranger = AssignedWorker("后台", "后台", False, has_come=False)
    assert said(a_card("甲", "worker", None, worker=stranger)) == (
        "「甲」在等电脑「后台」，它还没有连上过。请在那台电脑上启动采集程序。"
    )


def test_a_hub_that_cannot_store_goes_before_every_account_in_both_languages() -> None:
    def made(kind: Any, since: int = NOW, dismissed: frozenset[str] = frozenset()) -> Banner | None:
        cards = [a_card("甲", "login")]
        return make_banner(cards, NOW, is_owner=False, dismissed=dismissed, ailment=(kind, since))

    english = {kind: found.strong for kind in ("disk_full", "disk_low", "away") if (found := made(kind)) is not None}
    assert english == {
        "disk_full": "Nothing can be saved: the disk is full.",
        "disk_low": "The disk is nearly full.",
        "away": "Nothing can be saved: the database does not answer.",
    }
    with translation.override("zh-hans"):
        full = made("disk_full")
    assert full is not None
    assert full.strong + full.rest == (
        "磁盘满了，什么都存不下。新消息进不来，做的标记也不会保留。请在运行 IM Hub 的电脑上腾出空间，之后会自动恢复。"
    )
    assert made("disk_full", dismissed=frozenset({full.key})) is None
    assert made("disk_full", NOW + 1, dismissed=frozenset({full.key})) is not None  # it is full again


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


@pytest.mark.parametrize("kind", ["login", "worker", "unassigned", "full", "error", "page", "stale", "banned"])
def test_every_trouble_has_a_sentence_with_and_without_a_time(kind: str) -> None:
    assert "22:03" not in said(a_card("甲", kind, None, surface="messages"))
    assert "甲" in said(a_card("甲", kind, None, surface="messages"))
    assert "甲" in said(a_card("甲", kind, surface="messages"))


@pytest.mark.parametrize("kind", ["fresh", "late", "reading", "starting", "retrying", "paused"])
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


# -- the line below the list


def the_rail(*cards: AccountCard) -> Rail:
    troubled = [card for card in cards if is_trouble(card)]
    return Rail(cards=list(cards), groups=[], unread=0, new_comments=0, needs_reply=0, troubled=troubled, steps=[])


def test_the_foot_counts_what_the_banner_counts() -> None:
    cards = [
        a_card("甲", "login"), a_card("乙", "worker"), a_card("丙", "fresh"), a_card("丁", "login", is_paused=True),
        a_card("戊", "starting", None),
    ]  # fmt: skip
    found = banner(*cards)
    assert found is not None
    assert found.strong == "2 accounts need you"
    assert the_rail(*cards).in_detail == "1 account up to date, 2 need you, 1 not read yet, 1 paused"
    assert the_rail(a_card("甲", "login"), a_card("丙", "fresh")).summary == "1 account up to date, 1 needs you"


@pytest.mark.parametrize("kinds", [["fresh"], ["login", "fresh", "full"], ["stale", "unassigned", "page", "late"]])
def test_the_foot_says_so_whenever_there_is_a_banner(kinds: list[str]) -> None:
    cards = [a_card(str(number), kind) for number, kind in enumerate(kinds)]
    assert ("need" in the_rail(*cards).in_detail) == (banner(*cards) is not None)
