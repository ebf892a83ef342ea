"""The rail, the accounts and the rows of the inbox, as a browser meets them."""

import json
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from im_api import access
from im_api.models import Grant
from sync.core.change.changes import Operated
from sync.hub import Hub
from sync.storage.records import Actor
from tests.inbox.web.reading import look, read, run_account
from tests.sync.histories import a_conversation, a_message, write_history

# -- the inbox


def test_the_rail_shows_each_account_with_its_state_and_counts(browser: Client, hub: Hub) -> None:
    view = hub.store.get_view("roses")
    text = read(browser)
    assert view.totals.total_unread == 3
    assert re.search(r"花 小 小满花店 ?No computer reads it yet 3 unread", text)
    assert "No computer reads “小满花店” yet. Nothing comes in from it before." in text
    assert "tea" not in text


def test_an_account_that_was_looked_at_a_moment_ago_is_fresh(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_account(hub, monkeypatch)
    look(hub, seconds_ago=28)
    text = read(browser)
    assert re.search(r"小满花店 seen (28|29|30) s ago", text)
    assert "Nothing new comes in" not in text


def test_the_accounts_page_names_each_surface_whose_age_scripts_renew(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_account(hub, monkeypatch)
    look(hub, seconds_ago=28)
    page = browser.get("/accounts").content.decode()
    named = re.findall(r'data-ago="(\d+)" data-account="roses" data-surface="(\w*)"', page)
    assert [surface for _, surface in named] == ["messages"]


def test_a_look_that_is_too_old_is_never_called_fresh(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_account(hub, monkeypatch)
    look(hub, seconds_ago=4 * 60)
    hub.write("roses", Operated(action="read", collection="conversations", ids=("c1",)), Actor("test"))
    text = read(browser, "/?tab=unread")
    assert "小满花店 no update for 4 min" in text
    assert "No new messages seen, but 1 account is not updating." in text
    assert "All done" not in text


def test_all_done_is_said_while_every_account_is_fresh(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_account(hub, monkeypatch)
    look(hub, seconds_ago=20)
    hub.write("roses", Operated(action="read", collection="conversations", ids=("c1",)), Actor("test"))
    assert re.search(r"All done. The account is updating, last look 2\d s ago.", read(browser, "/?tab=unread"))


def test_an_empty_list_of_one_account_speaks_of_that_account_alone(
    browser: Client, hub: Hub, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Grant.objects.create(user=mei, account_id="tea", level="read")
    access.reload()
    run_account(hub, monkeypatch)
    look(hub, seconds_ago=20)

    def empty(query: str) -> str:
        page = browser.get(f"/?kind=notification{query}").content.decode()
        found = re.search(r'<div class="empty">(.*?)</div>', page, re.DOTALL)
        assert found is not None
        return re.sub(r"\s+", " ", unescape(found[1]))

    for of_roses in ("&account=roses", "&group=花"):
        said = empty(of_roses)
        assert re.search(r"All done. The account is updating, last look <span[^>]*>2\d s ago", said)
        assert ('data-quiet="roses"' in said, 'data-latest="roses"' in said) == (True, True)
    for with_tea in ("&account=tea", "", "&account=tea,roses"):
        said = empty(with_tea)
        assert "No new messages seen, but 1 account is not updating." in said
        assert re.findall(r"<bdi>(.*?)</bdi>", said) == ["Shop tea"]


def test_while_its_history_is_read_an_account_says_how_much_there_is(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_account(hub, monkeypatch)
    text = read(browser, "/?kind=notification", **{"Accept-Language": "zh-CN"})
    assert "正在读取「小满花店」的历史消息，已有 1 个会话。历史消息不会提醒。" in text
    assert "都处理完了" not in text
    assert "Reading the history" in read(browser, "/accounts")


def test_a_thread_is_one_row_however_many_messages_it_has(browser: Client, hub: Hub) -> None:
    body = browser.get("/?tab=all").content.decode()
    assert len(re.findall(r'class="row[ "]', body)) == 1
    text = read(browser, "/?tab=all")
    said = r"Fan 1 \d\d-\d\d \[Picture\] 3 unread 小满花店 · No computer reads it yet waiting \d+ d"
    assert re.search(said, text)


def test_the_kind_that_a_device_chose_is_the_one_it_opens_with(browser: Client, hub: Hub) -> None:
    kinds = re.compile(r'<a href="([^"]+)" data-kind="(\w+)" aria-current="true">')
    assert kinds.findall(browser.get("/").content.decode()) == [("/", "all")]
    browser.cookies["imhub_kind"] = "comment"
    page = browser.get("/").content.decode()
    assert kinds.findall(page) == [("/?kind=comment", "comment")]
    assert 'data-list="kind=comment"' in page
    assert 'href="/?kind=all" data-kind="all"' in page
    assert kinds.findall(unescape(browser.get("/?kind=all&tab=all").content.decode())) == [
        ("/?tab=all&kind=all", "all")
    ]
    assert "Fan 1" in browser.get("/?kind=all&tab=all").content.decode()
    assert "Fan 1" not in browser.get("/?tab=all").content.decode()
    browser.cookies["imhub_kind"] = "nonsense"
    assert kinds.findall(browser.get("/").content.decode()) == [("/", "all")]


def test_scripts_learn_who_is_new_wherever_the_order_puts_them(browser: Client, hub: Hub) -> None:
    newest = re.search(r'data-newest="([^"]*)"', browser.get("/").content.decode())
    assert newest is not None
    time = hub.store.get_view("roses").conversation_states["c1"].sort_time
    assert json.loads(unescape(newest[1])) == [["c1", time, True]]
    hub.write("roses", Operated(action="mute", collection="conversations", ids=("c1",)), Actor("test"))
    newest = re.search(r'data-newest="([^"]*)"', browser.get("/?tab=all").content.decode())
    assert newest is not None
    assert json.loads(unescape(newest[1])) == [["c1", time, False]]


def test_the_accounts_stand_in_order_of_need(
    browser: Client, hub: Hub, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Grant.objects.create(user=mei, account_id="tea", level="read")
    access.reload()
    statuses = {"roses": "crawling", "tea": "offline"}
    monkeypatch.setattr(hub, "worker_status", statuses.__getitem__)
    hub.started_at -= 60_000
    look(hub, seconds_ago=20)
    body = browser.get("/accounts").content.decode()
    assert re.findall(r'id="card-(\w+)"', body) == ["tea", "roses"]
    text = read(browser, "/accounts")
    assert "Shop tea Douyin Its computer is not working" in text
    assert re.search(r"Messages 2\d s ago", text)


def test_what_is_too_long_a_wait_is_the_devices_choice(browser: Client, hub: Hub) -> None:
    since = hub.clock() - 20 * 60_000
    late = {"conversations": [a_conversation(9)], "messages": [a_message(90, 9, createdAt=since)]}
    write_history("roses", late, now=hub.clock())
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    said = f'data-since="{since}">waiting 20 min</span>'
    assert f'<span class="clock warn" {said}' in browser.get("/?tab=all").content.decode()
    browser.post("/preferences", {"waiting": "5-15", "next": "/me"})
    assert f'<span class="clock bad" {said}' in browser.get("/?tab=all").content.decode()
    assert 'value="5-15" class="quiet" aria-pressed="true"' in browser.get("/me").content.decode()
    browser.post("/preferences", {"waiting": "0-0"})
    assert f'<span class="clock bad" {said}' in browser.get("/?tab=all").content.decode()


def test_how_the_accounts_are_can_be_had_without_the_rows(browser: Client, hub: Hub) -> None:
    part = browser.get("/", headers={"IMHub-Part": "rail"}).content.decode()
    assert re.search(r'<nav id="rail"[^>]* data-day="\d{4}-\d\d-\d\d">', part)
    assert 'data-account="roses"' in part
    assert 'class="row' not in part
    assert "<html" not in part


def test_a_row_says_who_spoke_where_it_is_not_its_person(browser: Client, hub: Hub) -> None:
    now = hub.clock()

    def comment(number: int, name: str, **fields: object) -> dict[str, object]:
        return {
            "id": f"comm_roses_{number}", "commentId": str(number), "contentId": "w1", "contentTitle": "一束花",
            "authorId": f"a{number}", "authorName": name, "content": f"第 {number} 句",
            "createdAt": now - 9_000 + number,
            "parentCommentId": None if number == 1 else "comm_roses_1", **fields,
        }  # fmt: skip

    asked, answered = comment(1, "小鱼儿"), comment(2, "大海")
    said = []
    for comments in (
        [asked],
        [asked, answered],
        [asked, answered, comment(3, "小满花店", isAuthorReply=True, replyToUserName="大海")],
    ):
        write_history("roses", {"comments": comments}, now=now)
        hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
        body = unescape(browser.get("/?tab=all&kind=comment", headers={"Accept-Language": "zh-CN"}).content.decode())
        shown = re.search(r'class="who">(.*?)</span>.*?class="line second">\s*<span[^>]*>(.*?)</span>', body, re.DOTALL)
        assert shown is not None
        said.append(tuple(re.sub(r"<[^>]+>", "", part).strip() for part in shown.groups()))
    assert said == [
        ("小鱼儿", "第 1 句"),
        ("小鱼儿 等 2 人", "大海：第 2 句"),
        ("小鱼儿 等 2 人", "我：回复 大海：第 3 句"),
    ]


@pytest.mark.parametrize(
    ("language", "tags"),
    [("zh-CN", ["已折叠", "陌生人", "群聊 · 已折叠", ""]), ("en", ["Folded", "Stranger", "Group · Folded", ""])],
)
def test_namesakes_are_two_rows_and_what_the_owner_folded_away_says_so(
    browser: Client, hub: Hub, language: str, tags: list[str]
) -> None:
    now, numbers = hub.clock(), (21, 22, 23, 24)
    face = "https://p3.douyinpic.com/{}.jpeg"
    conversations = [
        a_conversation(21, userId="one", userName="橘猫", userAvatar=face.format("one"), isFolded=True),
        a_conversation(22, userId="two", userName="橘猫", userAvatar=face.format("two"), isStranger=True),
        a_conversation(23, type="group", groupName="老顾客群", isFolded=True),
        a_conversation(24, userId="four", userName="晚风", isFolded=False),
    ]
    messages = [a_message(number, number, createdAt=now - number) for number in numbers]
    write_history("roses", {"conversations": conversations, "messages": messages}, now=now)
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    body = unescape(browser.get("/?tab=all", headers={"Accept-Language": language}).content.decode())
    rows = [re.search(rf'id="row-c{number}".*?</a>', body, re.DOTALL) for number in numbers]
    shown = [row[0] for row in rows if row is not None]
    assert [re.findall(r'class="tag">(.*?)<', row) for row in shown] == [[tag] if tag else [] for tag in tags]
    assert [re.findall(r'class="who"><bdi>(.*?)<', row) for row in shown[:2]] == [["橘猫"], ["橘猫"]]
    faces = [re.findall(r'<img[^>]* src="([^"]+)"', row)[0] for row in shown[:2]]
    assert len(set(faces)) == 2
    assert [re.findall(r"word \d+", row) for row in shown[:2]] == [["word 21"], ["word 22"]]
