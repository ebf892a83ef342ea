"""Comments by work, through Django as a browser meets them, with a real hub behind."""

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from msgspec.structs import replace

from im_api.models import Grant
from sync.core.account.entries import Report
from sync.hub import Hub
from sync.models import Account
from sync.protocol.messages import Surface, WireObservation
from sync.storage.records import Observed
from tests.inbox.works_data import a_comment, a_work
from tests.sync.histories import NOW, write_history
from tests.sync.threaded_hub import running_hub

MINUTE = 60_000


@pytest.fixture
def mei(transactional_db: None) -> User:
    return get_user_model().objects.create_user("mei", password="a long enough one")


@pytest.fixture
def browser(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


@pytest.fixture
def hub(mei: User) -> Iterator[Hub]:
    """Mei may see `kids`, with three works and comments under two that are known and two that are not; not `tea`."""
    works = [
        a_work(
            1, title="五样东西", viewCount=83_000, likeCount=2104, commentCount=318, publishTime=NOW - 9_000 * MINUTE
        ),
        a_work(2, title="奶瓶", publishTime=NOW - 8_000 * MINUTE),
        a_work(3, title="没人说话", publishTime=NOW - 7_000 * MINUTE),
    ]
    comments = [
        a_comment(1, 1, authorName="老王", region="四川", content="怎么买？", likeCount=2, createdAt=NOW - 9 * MINUTE),
        a_comment(2, 1, authorName="一只喵", content="<b>天天吃</b>", likeCount=36, createdAt=NOW - 20 * MINUTE),
        a_comment(3, 1, authorName="答过的人", content="多大？", replyCount=18, createdAt=NOW - 40 * MINUTE),
        *[a_comment(f"3-{n}", 1, parentCommentId="k3", createdAt=NOW - (40 - n) * MINUTE) for n in range(1, 5)],
        a_comment("3-own", 1, parentCommentId="k3", isAuthorReply=True, content="一岁", createdAt=NOW - 30 * MINUTE),
        a_comment(4, 1, authorName="置顶的人", isPinned=True, createdAt=NOW - 50 * MINUTE),
        a_comment(5, 2, authorName="买家", content="哪里有？", createdAt=NOW - 5 * MINUTE),
        a_comment(8, 8, authorName="早年甲", contentTitle="去年的作品", createdAt=NOW - 80 * MINUTE),
        a_comment(9, 9, authorName="早年乙", createdAt=NOW - 90 * MINUTE),
    ]  # fmt: skip
    write_history("kids", {"contents": works, "comments": []}, now=NOW - 24 * 60 * MINUTE)
    write_history("kids", {"contents": works, "comments": comments}, now=NOW)
    write_history("tea", {"contents": [a_work(51, title="茶的秘密")], "comments": [a_comment(51, 51)]})
    Account.objects.filter(pk="kids").update(alias="张老师育儿")
    Grant.objects.create(user=mei, account_id="kids", level="operate")
    with running_hub() as hub:
        yield hub


def get(browser: Client, path: str, **headers: str) -> str:
    response = browser.get(path, headers={"Accept-Language": "zh-CN"} | headers)
    assert response.status_code == 200
    return response.content.decode()


def said(html: str) -> str:
    """What a person reads, on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def titles(html: str) -> list[str]:
    return re.findall(r'<span class="title"><bdi>(.*?)</bdi></span>', html)


def people(html: str) -> list[str]:
    return re.findall(r"<strong><bdi>(.*?)</bdi></strong>", html)


def test_works_with_new_comments_stand_in_the_order_of_the_latest(browser: Client, hub: Hub) -> None:
    html = get(browser, "/works")
    assert titles(html) == ["奶瓶", "五样东西", "更早的作品"]
    row = said(html[html.index('id="row-work-w1"') :])
    assert "五样东西 8 未读" in row
    assert "▶ 播放 8.3万 · ♥ 赞 2,104 · 评 318" in row, row[:200]
    assert "有新评论 3 全部作品" in said(html)
    assert "茶的秘密" not in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tab=all", ["奶瓶", "五样东西", "更早的作品", "没人说话"]),
        ("tab=all&sort=published", ["没人说话", "奶瓶", "五样东西", "更早的作品"]),
        ("tab=all&sort=comments", ["五样东西", "更早的作品", "奶瓶", "没人说话"]),
        ("tab=all&q=哪里", ["奶瓶"]),
        ("tab=all&q=五样", ["五样东西"]),
    ],
)
def test_the_list_is_chosen_and_sorted(browser: Client, hub: Hub, query: str, expected: list[str]) -> None:
    assert titles(get(browser, f"/works?{query}")) == expected


@pytest.mark.parametrize("query", ["tab=nonsense", "sort=nonsense", "tab=all&show=nonsense", "by=waiting"])
def test_an_address_with_an_unknown_value_says_so(browser: Client, hub: Hub, query: str) -> None:
    response = browser.get(f"/works?{query}")
    assert response.status_code == 400
    assert f"This page has no “{query.rpartition('&')[2]}”." in response.content.decode()


def test_pages_of_the_list_follow_one_another(browser: Client, hub: Hub) -> None:
    first = get(browser, "/works?tab=all&count=2", **{"IMHub-Part": "rows"})
    cursor = re.search(r'data-cursor="([^"]+)"', first)
    assert titles(first) == ["奶瓶", "五样东西"]
    assert cursor is not None
    second = get(browser, f"/works?tab=all&count=2&cursor={cursor[1]}", **{"IMHub-Part": "rows"})
    assert titles(second) == ["更早的作品", "没人说话"]


def test_an_open_work_shows_its_comments_with_what_the_platform_pinned_first(browser: Client, hub: Hub) -> None:
    html = get(browser, "/works/w1?show=all", **{"IMHub-Part": "comments"})
    assert people(html) == ["置顶的人", "老王", "一只喵", "答过的人", "看客3-3", "看客3-4", "看客3-own"]
    text = said(html)
    assert "置顶的人 置顶" in text
    assert "老王 四川" in text
    assert "<b>天天吃</b>" in text
    assert "看客3-own 作者" in text
    assert "展开另外 2 条回复" in text
    assert "抖音显示 18 条回复，已读到 5 条。" in text


def test_comments_may_stand_by_likes_and_all_replies_may_be_shown(browser: Client, hub: Hub) -> None:
    html = get(browser, "/works/w1?show=all&by=likes&unfolded=k3", **{"IMHub-Part": "comments"})
    assert people(html)[:3] == ["置顶的人", "一只喵", "老王"]
    assert "看客3-1" in people(html)
    assert "展开另外" not in html


def test_who_was_answered_waits_no_more(browser: Client, hub: Hub) -> None:
    html = get(browser, "/works/w1", **{"IMHub-Part": "comments"})
    assert "老王" in people(html)
    assert "答过的人" not in people(html)


def test_comments_come_in_pages(browser: Client, hub: Hub) -> None:
    first = get(browser, "/works/w1?show=all&shown=2", **{"IMHub-Part": "comments"})
    cursor = re.search(r'data-cursor="([^"]+)"', first)
    assert people(first) == ["置顶的人", "老王"]
    assert cursor is not None
    assert people(get(browser, f"/works/w1?show=all&older={cursor[1]}", **{"IMHub-Part": "comments"}))[0] == "一只喵"


def test_works_known_from_comments_alone_are_one_row_grouped_by_work(browser: Client, hub: Hub) -> None:
    text = said(get(browser, "/works/older/kids?show=all", **{"IMHub-Part": "comments"}))
    assert "更早的作品：还没有读到作品信息，评论都在这里。" in text
    assert text.index("去年的作品") < text.index("早年甲") < text.index("作品 w9") < text.index("早年乙")


@pytest.mark.parametrize(
    "path", ["/works/w51", "/works/nothing", "/works/older/tea", "/works?account=tea", "/works?cursor=x"]
)
def test_what_is_not_granted_or_not_there_is_not_found(browser: Client, hub: Hub, path: str) -> None:
    assert browser.get(path).status_code == 404


def read_all(browser: Client) -> None:
    older = re.search(r'data-works="([^"]+)"', get(browser, "/works/older/kids"))
    assert older is not None
    for content_id in ("w1", "w2", *json.loads(unescape(older[1]))):
        assert browser.put(f"/api/im/contents/{content_id}/read").status_code == 200


def run_account(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: "crawling")
    report = Report(login_status="logged_in", worker_status="crawling")
    hub.store.publish([replace(hub.store.get_view("kids"), report=report)])


def look(hub: Hub, surface: Surface, seconds_ago: int) -> None:
    at = hub.clock() - seconds_ago * 1000
    hub.freshness.note(Observed("kids", [WireObservation(surface=surface, start=at - 2_000, end=at)], hub.clock()))


def test_quiet_is_not_claimed_while_only_messages_are_looked_at(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all(browser)
    run_account(hub, monkeypatch)
    look(hub, "messages", 5)
    text = said(get(browser, "/works"))
    assert "没有看到新评论，但有 1 个账号没在更新。" in text
    assert "正常更新" not in text


def test_quiet_is_claimed_while_comments_are_looked_at(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all(browser)
    run_account(hub, monkeypatch)
    look(hub, "messages", 20)
    look(hub, "comments", 20)
    look(hub, "contents", 90)
    assert "没有新评论。1 个账号在正常更新" in said(get(browser, "/works"))
    assert re.search(r"数据截至 \d\d:\d\d", said(get(browser, "/works/w1")))


def test_the_rail_counts_new_comments(browser: Client, hub: Hub) -> None:
    assert "作品评论 11" in said(get(browser, "/"))
