"""The admin speaks the language of its user; what it says of tables and of the core too."""

import re
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Field
from django.test import Client
from django.utils import translation

from alerts.models import Delivery, Destination
from sync.admin.live import draw_state
from sync.core.account import account_state as core
from sync.models import Account, Change, HubSettings, Worker

OURS = ("sync", "im_api", "alerts")
SAME = {"CPU", "IM API", "HTTP Accept", "IM Hub", "id"}
PAGES = (
    "/admin/",
    "/admin/sync/account/",
    "/admin/sync/account/add/",
    "/admin/sync/account/roses/change/",
    "/admin/sync/account/roses/delete/",
    "/admin/sync/worker/",
    "/admin/sync/worker/add/",
    "/admin/sync/observation/",
    "/admin/sync/change/",
    "/admin/sync/hubsettings/1/change/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/im_api/apitoken/add/",
    "/admin/im_api/apitoken/",
    "/admin/alerts/destination/",
    "/admin/alerts/destination/1/change/",
    "/admin/alerts/delivery/",
    "/admin/axes/accessattempt/",
)
# What stays as it is in every language.
NAMES = {
    "IM Hub",
    "API",
    "IP",
    "CPU",
    "JSON",
    "GET",
    "POST",
    "HTTP Accept",
    "id",
    "URL",
    "owner",
    "roses",
    "Roses",
    "douyin",
}


@pytest.fixture
def owner(db: None) -> Client:
    Account.objects.create(pk="roses", name="Roses", worker=Worker.objects.create(name="w1"))
    HubSettings.objects.create(closing_words=["谢谢"])
    place = Destination.objects.create(pk=1, kind="program", label="Roses", sealed=b"", created_at=0, failed_at=1)
    Delivery.objects.create(destination=place, name="1", event="1", body="{}", created_at=0)
    client = Client(headers={"Accept-Language": "zh-CN"})
    client.force_login(get_user_model().objects.create_superuser("owner"))
    return client


def text_of(html: str) -> str:
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html.partition("<body")[2].partition(">")[2], flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.mark.parametrize("path", PAGES)
def test_no_english_word_is_left_on_a_page_in_chinese(owner: Client, path: str) -> None:
    page = owner.get(path)
    assert page.status_code == 200
    shown = text_of(page.content.decode())
    assert re.search(r"[\u4e00-\u9fff]", shown)
    words = re.findall(r"[A-Za-z][A-Za-z' ]{2,}[A-Za-z]", shown)
    left = [word for word in words if not set(word.split()) <= {part for name in NAMES for part in name.split()}]
    assert left == []


def test_every_state_of_an_account_is_said_in_chinese() -> None:
    states = [*core._LOGINS.values(), *core._OFF.values(), *core._WORK.values(), core._BANNED]
    with translation.override("zh-hans"):
        assert [state.words for state in states if state.words in draw_state(state)] == []


def _words(model: Any) -> list[Any]:
    options = model._meta
    words = [options.verbose_name, options.verbose_name_plural]
    for field in options.get_fields():
        if isinstance(field, Field) and field.name != "id" and field.editable:
            words += [field.verbose_name, field.help_text, *(label for _, label in field.choices or ())]
    return [word for word in words if str(word) and str(word) not in SAME]


def test_every_word_of_a_table_that_the_admin_shows_is_said_in_chinese() -> None:
    models = [model for model in admin.site._registry if model._meta.app_label in OURS and model is not Change]
    words = [word for model in models for word in _words(model)]
    english = [str(word) for word in words]
    with translation.override("zh-hans"):
        assert [was for was, word in zip(english, words, strict=True) if str(word) == was] == []


def test_the_api_keeps_its_language(owner: Client) -> None:
    assert owner.get("/admin/").headers["Content-Language"] == "zh-hans"
    assert (
        owner.post("/api/im/accounts/roses/login", headers={"Accept-Language": "zh-CN"}).json()["status_msg"].isascii()
    )
    assert translation.get_language() == "en-us"


def test_an_english_page_stays_english(owner: Client) -> None:
    shown = text_of(owner.get("/admin/sync/account/", headers={"Accept-Language": "en-GB,en"}).content.decode())
    assert "Need a reply" in shown
    assert not re.search(r"[\u4e00-\u9fff]", shown)


def test_no_migration_comes_of_the_words() -> None:
    assert apps.get_model("sync", "Account")._meta.get_field("alias").deconstruct()[3]["help_text"] == (
        "What operators call it."
    )
