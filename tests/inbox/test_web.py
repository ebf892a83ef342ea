"""The pages for people, through Django as a browser meets it, with a real hub behind them."""

import json
import re
from collections.abc import Iterator
from html import escape, unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from msgspec.structs import replace

from im_api import access
from im_api.models import Grant
from inbox.pages import open_thread
from inbox.pages.pictures import allowed_picture
from sync.core.account.entries import Report
from sync.core.change.changes import Operated
from sync.hub import Hub
from sync.models import Account
from sync.protocol.messages import WireObservation
from sync.storage.records import Actor, Observed
from tests.sync.histories import NOW, a_conversation, a_message, write_history
from tests.sync.threaded_hub import running_hub

PASSWORD = "a long enough one"


@pytest.fixture
def mei(transactional_db: None) -> User:
    return get_user_model().objects.create_user("mei", password=PASSWORD)


@pytest.fixture
def browser(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


@pytest.fixture
def hub(mei: User) -> Iterator[Hub]:
    """Two accounts; mei may see one of them."""
    write_history(
        "roses",
        {
            "conversations": [a_conversation(1, unreadCount=3)],
            "messages": [
                a_message(1, senderName="橘子汽水", senderId="u1", content="<b>请问</b>还有货吗？"),
                a_message(2, direction="outbound", content="有的"),
                a_message(3, senderId="100000001234", content="要两束"),
                a_message(4, senderName="晚风", type="image", content=None),
            ],
        },
    )
    write_history("tea", {"conversations": [a_conversation(1)], "messages": [a_message(1, content="secret of tea")]})
    Account.objects.filter(pk="roses").update(alias="小满花店", color="#B02A5C", group="花")
    Grant.objects.create(user=mei, account_id="roses", level="read")
    with running_hub() as hub:
        yield hub


def read(browser: Client, path: str = "/", **headers: str) -> str:
    """What a person reads, on one line."""
    response = browser.get(path, headers=headers)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))).strip()


# -- signing in


def test_who_is_not_signed_in_is_led_to_the_form_and_back(mei: User) -> None:
    browser = Client()
    assert browser.get("/").headers["Location"] == "/login/?next=/"
    response = browser.post("/login/?next=/", {"username": "mei", "password": PASSWORD, "next": "/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("given", [{"username": "mei", "password": "wrong"}, {"username": "nobody", "password": "x"}])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(mei: User, given: dict[str, str]) -> None:
    response = Client().post("/login/", given)
    assert "That name and password do not belong together" in response.content.decode()


def test_nobody_is_led_to_a_foreign_site(mei: User) -> None:
    given = {"username": "mei", "password": PASSWORD, "next": "https://example.com/"}
    assert Client().post("/login/", given).headers["Location"] == "/"


def test_signing_in_needs_a_form_of_ours(mei: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/login/", {"username": "mei", "password": PASSWORD}).status_code == 403


def test_the_form_tells_its_own_site_where_it_comes_from(transactional_db: None) -> None:
    response = Client().get("/login/")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="referrer" content="same-origin">' in response.content.decode()


def test_signing_out_is_a_post_and_ends_the_session(browser: Client) -> None:
    assert browser.post("/logout/").headers["Location"] == "/login/"
    assert browser.get("/").status_code == 302


def test_the_address_of_signing_out_asks_first(browser: Client) -> None:
    assert "You are signed in as mei. Sign out Stay" in read(browser, "/logout/")
    assert "_auth_user_id" in browser.session
    assert Client().get("/logout/").headers["Location"] == "/login/"


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


@pytest.mark.parametrize(
    "path", ["/c/conv_tea_c1", "/c/conv_roses_nobody", "/d/comm_roses_nothing", "/?account=tea", "/?account=nobody"]
)
def test_what_is_not_granted_is_not_there(browser: Client, hub: Hub, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/c/conv_tea_c1", "/nowhere", "/accounts/none/nothing"])
def test_what_is_not_there_is_a_page_of_ours(browser: Client, hub: Hub, path: str) -> None:
    answer = browser.get(path, headers={"Accept-Language": "zh-CN"})
    body = answer.content.decode()
    assert answer.status_code == 404
    assert "这里没有你要找的内容" in body
    assert '<html lang="zh-CN"' in body
    assert 'href="/"' in body
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "This is not there" in Client().get(path if path == "/nowhere" else "/nowhere").content.decode()


def test_programs_get_their_404_as_json(browser: Client, hub: Hub) -> None:
    answer = browser.get("/api/im/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["status_code"]) == (404, 404)


def test_what_only_an_owner_may_is_said_in_words(browser: Client, hub: Hub) -> None:
    answer = browser.get("/accounts/add")
    assert answer.status_code == 403
    assert "Only an owner may." in answer.content.decode()


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


@pytest.mark.parametrize("path", ["/?tab=nonsense", "/?sort=nonsense", "/?kind=x", "/c/conv_roses_c1?sort=<b>"])
def test_an_address_with_an_unknown_value_says_so_and_leads_back(browser: Client, hub: Hub, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 400
    body = response.content.decode()
    assert f"This page has no “{escape(path.partition('?')[2])}”." in body
    assert '<a href="/">Open the inbox</a>' in body


def test_a_search_that_finds_nothing_says_where_it_looked(browser: Client, hub: Hub) -> None:
    assert "Nothing found for “<i>尺码”. Searched names, messages, comments and titles." in unescape(
        read(browser, "/?tab=all&q=<i>尺码")
    )


def test_a_grant_taken_away_closes_the_account_at_the_next_look(browser: Client, hub: Hub) -> None:
    assert "小满花店" in read(browser)
    Grant.objects.all().delete()
    access.reload()
    assert "No account is open to you yet" in read(browser)
    assert browser.get("/c/conv_roses_c1").status_code == 404


def test_who_may_only_read_gets_no_buttons_that_write(browser: Client, hub: Hub) -> None:
    assert 'data-action="done"' not in browser.get("/c/conv_roses_c1").content.decode()
    Grant.objects.update(level="operate")
    access.reload()
    assert 'data-action="done"' in browser.get("/c/conv_roses_c1").content.decode()


def test_the_owner_sees_all_and_the_way_to_the_admin(browser: Client, hub: Hub, mei: User) -> None:
    assert "/admin/" not in browser.get("/me").content.decode()
    mei.is_staff = mei.is_superuser = True
    mei.save()
    access.reload()
    assert "Shop tea" in read(browser)
    assert "secret of tea" in read(browser, "/c/conv_tea_c1")
    assert 'href="/admin/"' in browser.get("/me").content.decode()


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


def test_without_a_hub_the_page_says_so_and_asks_again(browser: Client) -> None:
    response = browser.get("/")
    assert response.status_code == 503
    assert "The hub is starting" in response.content.decode()
    assert '<meta http-equiv="refresh" content="2">' in response.content.decode()


def run_account(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: "crawling")
    view = hub.store.get_view("roses")
    report = Report(login_status="logged_in", worker_status="crawling")
    hub.store.publish([replace(view, report=report)])


def look(hub: Hub, seconds_ago: int) -> None:
    at = hub.clock() - seconds_ago * 1000
    hub.freshness.note(Observed("roses", [WireObservation(surface="messages", start=at - 2_000, end=at)], hub.clock()))


# -- language and colours


def test_the_browser_says_which_language(browser: Client, hub: Hub) -> None:
    response = browser.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-CN"' in response.content.decode()
    text = read(browser, "/c/conv_roses_c1", **{"Accept-Language": "zh-CN"})
    assert "发给 小 小满花店 · 抖音私信" in text
    assert "请在抖音用「小满花店」回复；读到你的回复后，它会自动离开“待回复”。" in text
    assert "Fan 1" in read(browser, "/c/conv_roses_c1", **{"Accept-Language": "fr"})


def test_a_choice_of_language_and_colours_stays_on_the_device(browser: Client, hub: Hub) -> None:
    answer = browser.post("/preferences", {"language": "zh-hans", "theme": "dark", "next": "/accounts"})
    assert answer.headers["Location"] == "/accounts"
    page = browser.get("/").content.decode()
    assert 'lang="zh-CN" data-theme="dark"' in page
    assert "待回复" in page


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


@pytest.mark.parametrize("given", [{"language": "xx"}, {"theme": "<script>"}, {"next": "https://example.com/"}])
def test_a_choice_that_does_not_exist_changes_nothing(browser: Client, hub: Hub, given: dict[str, str]) -> None:
    answer = browser.post("/preferences", given)
    assert answer.headers["Location"] == "/"
    assert '<html lang="en" data-theme="auto">' in browser.get("/").content.decode()


# -- what a browser may do with it


@pytest.mark.parametrize("path", ["/", "/?tab=all", "/c/conv_roses_c1", "/accounts", "/me"])
def test_the_pages_carry_no_inline_script_or_style(browser: Client, hub: Hub, path: str) -> None:
    body = browser.get(path).content.decode()
    scripts = re.findall(r"<script[^>]*>", body)
    assert [tag for tag in scripts if "src=" not in tag] == ['<script id="words" type="application/json">']
    assert "<style" not in body
    assert not re.search(r"<[^>]+\s(style|on\w+)=", body)


@pytest.mark.parametrize(
    "name",
    [
        "imhub/tokens.css",
        "imhub/web.css",
        "imhub/icon.svg",
        "inbox/styles/inbox.css",
        "inbox/styles/thread.css",
        "inbox/styles/narrow.css",
        "inbox/styles/icon-clock.svg",
        "inbox/main.js",
    ],
)
def test_what_the_pages_load_is_served(name: str) -> None:
    assert Client().get(f"/static/{name}").status_code == 200


@pytest.mark.parametrize(
    ("address", "is_tried"),
    [
        ("https://p3.douyinpic.com/a.webp?x=1", True),
        ("http://127.0.0.1/a.png", False),
        ("https://douyinpic.com.example.com/a.png", False),
        ("javascript:alert(1)", False),
        ("https://[broken", False),
        (None, False),
    ],
)
def test_only_pictures_that_the_policy_allows_are_tried(address: str | None, is_tried: bool) -> None:
    assert (allowed_picture(address) is not None) == is_tried


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
