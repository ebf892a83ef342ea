"""The pages for people, through Django as a browser meets it, with a real hub behind them."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from msgspec.structs import replace

from im_api import access
from im_api.models import Grant
from sync.core.delta import Report
from sync.core.view import View
from sync.hub import Hub
from sync.jobs import Observed
from sync.models import Account
from sync.protocol.messages import Observation
from tests.sync.histories import a_conversation, a_message, write_history
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
            "conversations": [a_conversation(1)],
            "messages": [
                a_message(1, senderName="橘子汽水", senderId="u1", content="<b>请问</b>还有货吗？"),
                a_message(2, direction="outbound", content="有的"),
                a_message(3, senderId="100000001234", content="要两束"),
                a_message(4, senderName="晚风", type="image", content=None),
            ],
        },
    )
    write_history("tea", {"conversations": [a_conversation(1)], "messages": [a_message(1, content="secret of tea")]})
    Account.objects.filter(pk="roses").update(alias="小满花店", color="#B02A5C")
    Grant.objects.create(user=mei, account_id="roses", level="read")
    with running_hub() as hub:
        yield hub


def read(browser: Client, path: str = "/") -> str:
    """What a person reads, on one line."""
    response = browser.get(path)
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
    assert browser.get("/").status_code == 200
    assert Client().get("/logout/").headers["Location"] == "/login/"


# -- the first page


def test_accounts_are_shown_with_state_freshness_and_counts(browser: Client, hub: Hub) -> None:
    view = hub.store.get_view("roses")
    look = Observation(surface="messages", start=hub.clock() - 30_000, end=hub.clock() - 28_000)
    hub.freshness.note(Observed("roses", [look], hub.clock()))
    text = read(browser)
    assert f"Accounts {view.totals.needs_reply} need a reply · {view.totals.total_unread} unread" in text
    assert re.search(r"小满花店 No worker assigned messages (28|29|30) s ago", text)
    assert "“小满花店”: no worker assigned. Nothing new comes in from it until then." in text
    assert "secret of tea" not in text
    assert "tea" not in text


def test_what_came_in_last_stands_first_with_its_sender(browser: Client, hub: Hub) -> None:
    text = read(browser).split("Newest")[1]
    assert [text.index(part) for part in ("晚风", "要两束", "有的", "橘子汽水")] == sorted(
        text.index(part) for part in ("晚风", "要两束", "有的", "橘子汽水")
    )
    assert "User 1234 Private message" in text
    assert "You Private message 有的 小满花店" in text
    assert "[picture]" in text


def test_what_people_wrote_is_never_markup(browser: Client, hub: Hub) -> None:
    body = browser.get("/").content.decode()
    assert "&lt;b&gt;请问&lt;/b&gt;还有货吗？" in body
    assert "<b>请问" not in body


def test_only_the_newest_twenty_are_shown(browser: Client, hub: Hub) -> None:
    write_history("roses", {"messages": [a_message(number) for number in range(1, 41)]})
    hub.store.publish([hub._change_log.load("roses", hub.store.new_view)])
    body = browser.get("/").content.decode()
    assert len(re.findall(r"<li[ >]", body)) == 1 + 20
    assert "word 40" in body
    assert "word 20 " not in body


def test_a_running_account_raises_no_alarm(browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: "crawling")
    hub.store.publish([with_report(hub.store.get_view("roses"))])
    text = read(browser)
    assert "小满花店 Running" in text
    assert "Nothing new comes in" not in text


def with_report(view: View) -> View:
    return replace(view, report=Report(login_status="logged_in", worker_status="crawling"))


def test_a_grant_taken_away_closes_the_account_at_the_next_look(browser: Client, hub: Hub) -> None:
    assert "小满花店" in read(browser)
    Grant.objects.all().delete()
    access.reload()
    assert "No account is open to you yet" in read(browser)


def test_the_owner_sees_all_and_the_way_to_the_admin(browser: Client, hub: Hub, mei: User) -> None:
    assert "/admin/" not in browser.get("/").content.decode()
    mei.is_staff = mei.is_superuser = True
    mei.save()
    access.reload()
    text = read(browser)
    assert "Shop tea" in text
    assert "secret of tea" in text
    assert 'href="/admin/"' in browser.get("/").content.decode()


def test_without_a_hub_the_page_says_so(browser: Client) -> None:
    assert "The hub is starting" in read(browser)


# -- the part that refreshes itself


def test_the_live_part_is_the_page_without_its_frame(browser: Client, hub: Hub) -> None:
    response = browser.get("/live/")
    assert "小满花店" in response.content.decode()
    assert "<html" not in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


def test_the_live_part_tells_a_signed_out_page(transactional_db: None) -> None:
    assert Client().get("/live/").status_code == 401


def test_the_pages_carry_no_inline_script_or_style(browser: Client, hub: Hub) -> None:
    for path in ("/", "/live/"):
        body = browser.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", body)
        assert "<style" not in body
        assert not re.search(r"<[^>]+\s(style|on\w+)=", body)


@pytest.mark.parametrize("name", ["web.css", "live.js", "icon.svg"])
def test_what_the_pages_load_is_served(name: str) -> None:
    assert Client().get(f"/static/im_api/{name}").status_code == 200
