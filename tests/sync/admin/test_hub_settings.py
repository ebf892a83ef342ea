"""The page of the owner's closing words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from sync.core.closing_words import DEFAULT_CLOSING_WORDS
from sync.directory import load_directory
from sync.models import HubSettings

PAGE = "/admin/sync/hubsettings/1/change/"


@pytest.fixture
def owner(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("owner"))
    return client


def save(client: Client, text: str) -> Any:
    return client.post(PAGE, {"closing_words": text}, follow=True)


def faults(client: Client, text: str) -> list[str]:
    found = re.findall(r'<ul class="errorlist"[^>]*>\s*<li>(.*?)</li>', save(client, text).content.decode())
    return [unescape(one) for one in found]


def test_the_page_shows_the_usual_words_and_stores_others(owner: Client) -> None:
    shown = owner.get("/admin/sync/hubsettings/", follow=True)
    assert "谢谢\n谢谢你\n" in shown.content.decode()
    assert not HubSettings.objects.exists()
    assert load_directory().closing_words == DEFAULT_CLOSING_WORDS
    save(owner, " 在的 \r\nthank you\r\n在的\r\n")
    assert load_directory().closing_words == ("在的", "thank you")
    assert "在的\nthank you</textarea>" in owner.get(PAGE).content.decode()
    save(owner, "")
    assert load_directory().closing_words == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("谢谢\n\n好的", "Line 2 is empty: write one word in each line."),
        ("谢谢\n" + "好" * 21, "Line 2 is longer than 20 characters: such a text says more than thanks."),
        ("👍", "Line 1 has no letter: emoji and stickers close a talk in any case."),
        ("好吗？", "Line 1 has a question mark: a question always waits."),
        ("好\n" * 301, "These are 301 words, and at most 300 are possible."),
    ],
)
def test_a_list_that_cannot_be_is_refused_with_a_sentence(owner: Client, text: str, fault: str) -> None:
    assert faults(owner, text) == [fault]
    assert not HubSettings.objects.exists()


def test_the_sentences_are_in_the_language_of_the_owner(owner: Client) -> None:
    owner.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert faults(owner, "谢谢\n\n好的") == ["第 2 行是空的：每行写一个词。"]


def test_nobody_else_sees_or_changes_the_words(db: None) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("mei", is_staff=True))
    assert [client.get(PAGE).status_code, save(client, "在的").status_code] == [403, 403]
    assert not HubSettings.objects.exists()
