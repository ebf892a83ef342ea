"""A platform is named by its descriptor alone: in the pages, the admin and the API. No other code names one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from im_api.about import supported_platforms
from im_api.links import person_link, work_link
from im_api.queries import list_authorized
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.pages.account_cards import make_card
from inbox.script_words import list_script_words
from sync.hub import Hub
from sync.protocol import platforms
from sync.protocol.platforms import Platform, PlatformPage
from tests.im_api.conftest import NOW, USERS, a_directory, an_account

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("crawler", "im_api", "imhub", "inbox", "locale", "sync", "templates")
READ = {".css", ".html", ".js", ".md", ".po", ".py"}
# Its descriptor and its adapter, and what starts the demo, which behaves like it. The examples of the API's manual are
# texts for people; a migration keeps what was written.
ALLOWED = re.compile(
    r"sync/protocol/platforms/|sync/migrations/|crawler/platforms/|imhub/launcher/demo\.py|im_api/openapi/examples\.py"
)
PLAZA = Platform(
    name="plaza",
    labels={"en": "Plaza", "zh-hans": "广场"},
    addresses={"web_url": "https://plaza.example"},
    site="web_url",
    person_page=PlatformPage(r"u\d+", "/people/{id}"),
    work_page=PlatformPage(r"\d+", "/posts/{id}"),
    media_hosts=("*.plaza.example",),
    emoji={"wave": "👋"},
)


@pytest.fixture(autouse=True)
def plaza(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Platform:
    monkeypatch.setitem(platforms.PLATFORMS, PLAZA.name, PLAZA)
    settings.PLATFORMS = list(platforms.PLATFORMS)
    return PLAZA


@pytest.fixture
def account(hub: Hub) -> Any:
    hub.directory = a_directory(an_account("acc-a", platform="plaza"))
    return list_authorized(USERS[2])[0]


def test_pages_call_it_as_people_do(account: Any) -> None:
    assert make_card(account, NOW).platform == "Plaza"
    with translation.override("zh-hans"):
        assert make_card(account, NOW).platform == "广场"
        assert formatting.format_platforms() == "抖音，广场"
        assert list_script_words()["removed"] == "已从收件箱移除，抖音，广场上不受影响。"
    assert list_script_words()["removed"] == "Removed from this inbox. Nothing changed on Douyin, Plaza."
    assert formatting.format_platform("unheard-of") == "unheard-of"


def test_its_codes_become_its_emoji_and_no_others() -> None:
    assert with_emoji("[wave][微笑]", "plaza") == "👋[微笑]"
    assert with_emoji("[wave][微笑]", "douyin") == "[wave]🙂"


def test_its_people_and_works_open_on_its_site(account: Any) -> None:
    assert person_link(account, "u7") == "https://plaza.example/people/u7"
    assert person_link(account, "MS4wLjABAAAA") is None
    assert work_link(account, "12", None) == "https://plaza.example/posts/12"


def test_its_settings_and_its_picture_hosts_are_there() -> None:
    assert platforms.list_addresses()["PLAZA_WEB_URL"] == "https://plaza.example"
    assert platforms.list_media_hosts() == ["*.douyinpic.com", "*.byteimg.com", "*.plaza.example"]


@pytest.mark.django_db
def test_the_admin_and_the_api_offer_it(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("owner", password="a long password"))
    body = client.get("/admin/sync/account/add/").content.decode()
    choices = body.partition('name="platform"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"[^>]*>([^<]+)<', choices) == [("douyin", "Douyin"), ("plaza", "Plaza")]
    assert supported_platforms() == ["douyin", "plaza"]


def test_nothing_else_names_a_platform() -> None:
    naming = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix not in READ or ALLOWED.match(name):
                continue
            if re.search("douyin|抖音", path.read_text(encoding="utf-8"), re.IGNORECASE):
                naming.append(name)
    assert naming == [], "sync/protocol/platforms/ is the place for what a platform is called"
