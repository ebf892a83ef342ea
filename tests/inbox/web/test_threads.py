"""An open thread, as a browser meets it: messages, notices and comments."""

import json
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from im_api.models import Grant
from inbox.pages import open_thread
from sync.hub import Hub
from tests.inbox.web.reading import read
from tests.sync.histories import NOW, a_message, write_history


def test_notices_open_and_say_who_liked_which_work(browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    now = hub.clock()
    liked = [
        {"id": f"notif_roses_{n}", "notificationId": f"{n}", "type": "like", "triggerId": f"u{n}", "triggerName": name,
         "relatedContentId": "cont_roses_w1", "createdAt": now - n * 1000}
        for n, name in enumerate(["小鱼儿", "大海"])
    ]  # fmt: skip
    work = {"id": "cont_roses_w1", "contentId": "w1", "title": "一束花的一天", "type": "video"}
    write_history("roses", {"contents": [work], "notifications": liked}, now=now)
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    listed = browser.get("/?tab=all").content.decode()
    href = re.search(r'href="(/n/group_roses_like_[^"]+)"', listed)
    assert href is not None
    assert "2 people liked your work" in unescape(listed)
    opened = unescape(browser.get(unescape(href[1])).content.decode())
    assert re.findall(r"<bdi>([^<]+)</bdi></strong>\s*<span>liked your work</span>", opened) == ["小鱼儿", "大海"]
    assert opened.count('<a href="/works/cont_roses_w1"><bdi>一束花的一天</bdi></a>') == 2
    assert re.search(r'aria-selected="true"\s+href="/n/group_roses_like', opened)
    assert 'class="answer"' not in opened
    assert "Only the newest" not in opened
    monkeypatch.setattr(open_thread, "NOTICES", 1)
    opened = unescape(browser.get(unescape(href[1])).content.decode())
    assert "Only the newest 1 of 2 are shown." in opened
    assert browser.get("/n/group_tea_like_2026-01-01").status_code == 404


def test_a_conversation_opens_with_its_messages_in_order(browser: Client, hub: Hub) -> None:
    text = read(browser, "/c/conv_roses_c1").split("to 小 小满花店 · Douyin private messages")[1]
    said = [text.index(part) for part in ("还有货吗？", "有的", "要两束", "[Picture]")]
    assert said == sorted(said)
    assert "· replied on Douyin" in text
    assert "3 unread" in text
    assert "Reply on Douyin as “小满花店”" in text


def test_the_line_of_unread_ones_stays_where_it_stood(browser: Client, hub: Hub) -> None:
    body = browser.get("/c/conv_roses_c1?line=m4").content.decode()
    assert re.search(r'data-line="m4">\s*1 unread', body)
    assert "data-line" not in browser.get("/c/conv_roses_c1?line=none").content.decode()


def test_older_messages_come_by_their_cursor(browser: Client, hub: Hub) -> None:
    write_history("roses", {"messages": [a_message(number) for number in range(1, 61)]})
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    body = browser.get("/c/conv_roses_c1").content.decode()
    cursor = re.search(r'data-cursor="([^"]+)"', body.split('id="older"')[1])
    assert cursor is not None
    older = browser.get(f"/c/conv_roses_c1?older={cursor[1]}", headers={"IMHub-Part": "messages"}).content.decode()
    assert re.findall(r"word (\d+)<", older) == [str(number) for number in range(1, 11)]
    assert "<html" not in older


def test_what_people_wrote_is_never_markup(browser: Client, hub: Hub) -> None:
    body = browser.get("/c/conv_roses_c1").content.decode()
    assert "&lt;b&gt;请问&lt;/b&gt;还有货吗？" in body
    assert "<b>请问" not in body


def test_an_id_of_two_accounts_opens_with_the_account_of_its_row(browser: Client, hub: Hub, mei: User) -> None:
    Grant.objects.create(user=mei, account_id="tea", level="operate")
    browser.get("/")
    body = unescape(browser.get("/?tab=all").content.decode())
    for account, said in (("roses", "要两束"), ("tea", "secret of tea")):
        assert f'href="/c/c1?tab=all&account_id={account}"' in body
        opened = browser.get(f"/c/c1?tab=all&account_id={account}").content.decode()
        assert said in opened
        assert f'data-route="conversations/c1?account_id={account}"' in opened
    assert browser.get("/c/c1").status_code == 404


def test_of_a_long_thread_the_people_are_at_least_those_that_were_counted(browser: Client, hub: Hub) -> None:
    """And all of it is read by whoever reads to its end, also what is older than the part that is shown."""
    now = hub.clock()
    comments = [
        {"id": f"comm_roses_{n}", "commentId": str(n), "contentId": "w1", "authorId": f"a{n}", "authorName": f"Fan {n}",
         "content": "买", "createdAt": now - 90_000 + n, **({"parentCommentId": "comm_roses_0"} if n else {})}
        for n in range(301)
    ]  # fmt: skip
    follows = [
        {"id": f"notif_roses_{n}", "notificationId": f"{n}", "type": "follow", "triggerId": f"u{n}",
         "createdAt": now - 90_000 + n}
        for n in range(201)
    ]  # fmt: skip
    write_history("roses", {"comments": comments, "notifications": follows}, now=now)
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    listed = read(browser, "/?tab=all").replace("\u2068", "").replace("\u2069", "")
    assert "Fan 0 · 200+ people" in listed
    assert "200+ people followed you" in listed
    assert "等 200+ 人" in read(browser, "/?tab=all&kind=comment", **{"Accept-Language": "zh-CN"})
    opened = browser.get("/d/comm_roses_0").content.decode()
    unread = re.search(r'data-unread="(\d+)"\s+data-unread-ids="([^"]+)"', opened[opened.index('id="thread"') :])
    assert unread is not None
    assert int(unread[1]) == len(json.loads(unescape(unread[2]))) == 301


def test_the_thread_of_a_comment_that_was_never_read_opens_with_its_replies(browser: Client, hub: Hub) -> None:
    comment = {"parentCommentId": "ghost", "contentId": "w", "authorName": "晚风", "createdAt": NOW - 1}
    write_history(
        "roses",
        {
            "comments": [
                {"id": "k1", "commentId": "k1", "content": "谁知道？", **comment},
                {"id": "k2", "commentId": "k2", "content": "我来回答", **comment, "isAuthorReply": True},
            ]
        },
    )
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    assert 'href="/d/comm_roses_ghost?tab=all"' in browser.get("/?tab=all").content.decode()
    for path in ("/d/comm_roses_ghost", "/d/k1"):
        text = read(browser, path)
        assert "The comment that is answered here was not read." in text
        assert text.index("谁知道？") < text.index("我来回答")
        assert 'data-route="discussions/comm_roses_ghost"' in browser.get(path).content.decode()
    work = browser.get("/works/cont_roses_w?show=all").content.decode()
    assert 'data-route="discussions/comm_roses_ghost"' in work
