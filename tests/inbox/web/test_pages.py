"""The pages for people, through Django as a browser meets it: what is there, and what is not."""

import re
from html import escape, unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from im_api import access
from im_api.models import Grant
from inbox.pages.pictures import allowed_picture
from sync.hub import Hub
from tests.inbox.web.reading import read


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


def test_a_page_first_catches_up_with_what_other_hubs_wrote(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(hub, "wait_for_others", lambda: asked.append("others"))
    assert browser.get("/c/conv_roses_c1").status_code == 200
    assert asked == ["others"]


def test_programs_get_their_404_as_json(browser: Client, hub: Hub) -> None:
    answer = browser.get("/api/im/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["status_code"]) == (404, 404)


def test_what_only_an_owner_may_is_said_in_words(browser: Client, hub: Hub) -> None:
    answer = browser.get("/accounts/add")
    assert answer.status_code == 403
    assert "Only an owner may." in answer.content.decode()


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


def test_without_a_hub_the_page_says_so_and_asks_again(browser: Client) -> None:
    response = browser.get("/")
    assert response.status_code == 503
    assert "The hub is starting" in response.content.decode()
    assert '<meta http-equiv="refresh" content="2">' in response.content.decode()


# -- language and colours


def test_the_browser_says_which_language(browser: Client, hub: Hub) -> None:
    response = browser.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-CN"' in response.content.decode()
    text = read(browser, "/c/conv_roses_c1", **{"Accept-Language": "zh-CN"})
    assert "发给 小 小满花店 · 抖音私信" in text
    assert "。请在抖音用「小满花店」回复；读到你的回复后，它会自动离开“待回复”。" in text
    assert "Fan 1" in read(browser, "/c/conv_roses_c1", **{"Accept-Language": "fr"})


def test_a_choice_of_language_and_colours_stays_on_the_device(browser: Client, hub: Hub) -> None:
    answer = browser.post("/preferences", {"language": "zh-hans", "theme": "dark", "next": "/accounts"})
    assert answer.headers["Location"] == "/accounts"
    page = browser.get("/").content.decode()
    assert 'lang="zh-CN" data-theme="dark"' in page
    assert "待回复" in page


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
