"""Other people's words on the pages: they turn, cut and hide nothing around them."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from im_api.models import Grant
from inbox.foreign_text import first_grapheme, isolate, shorten
from inbox.formatting import format_person, format_placeholder
from sync.models import Account
from tests.sync.histories import NOW, a_conversation, a_message, write_history
from tests.sync.threaded_hub import running_hub

TURNING = "\u202eאבג"
ROCKET = "👩🏽\u200d🚀"
RECALLED = "the words of a recalled message"


@pytest.fixture
def browser(transactional_db: None) -> Iterator[Client]:
    """An account with a nameless person, one whose name turns what follows it, and a group."""
    group = {"type": "group", "userName": None, "groupName": "读书会"}
    recalled = {"senderId": "fan", "senderName": TURNING, "isRecalled": True, "content": RECALLED}
    late = {"lastMessageContent": RECALLED, "lastMessageTime": NOW}
    write_history(
        "roses",
        {
            "conversations": [
                a_conversation(1, userId="100000001234", userName="\u3164\u200b"),
                a_conversation(2, userId="fan", userName=TURNING, **late),
                a_conversation(3, **group),
                a_conversation(4, userName=f"{ROCKET} Lin"),
            ],
            "messages": [
                a_message(1, 1, content="在吗", type="hologram"),
                a_message(2, 1, content=None, type="hologram"),
                a_message(3, 1, content="\u200b\u2800"),
                a_message(10, 2, content=f"<b>{TURNING}</b>", senderId="fan"),
                a_message(11, 2, **recalled),
                a_message(20, 3, senderId="u1", senderName="小鱼儿", content="晚上见"),
                a_message(21, 3, senderId="u1", senderName="小鱼儿", content="七点"),
                a_message(22, 3, senderId="u2", senderName=" ", content="好"),
                a_message(23, 3, direction="outbound", senderId="me", senderName="小满", content="我也去"),
                a_message(24, 3, senderId="u1", senderName="小鱼儿", content="太好了"),
                a_message(30, 4),
            ],
        },
    )
    user = get_user_model().objects.create_user("mei", password="a long enough one")
    Account.objects.filter(pk="roses").update(alias=f"{ROCKET}花店")
    Grant.objects.create(user=user, account_id="roses", level="read")
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(user)
    with running_hub():
        yield client


def html(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return unescape(response.content.decode())


def bubbles(page: str) -> list[tuple[str | None, str]]:
    """Who is named above each message of a thread, and its words."""
    messages = re.split(r'<div class="message(?: own)?" id', page)[1:]
    speakers = [re.search(r'class="meta speaker"><bdi>([^<]*)</bdi>', message) for message in messages]
    words = [
        re.search(r'<div class="bubble"><bdi>(.*?)</bdi>|class="of">\s*<span><bdi>(.*?)</bdi>', m) for m in messages
    ]
    said = [found[1] or found[2] for found in words if found is not None]
    return list(zip([found and found[1] for found in speakers], said, strict=True))


def test_a_nameless_person_is_called_by_the_end_of_the_id(browser: Client) -> None:
    assert '<span class="who"><bdi>用户1234</bdi></span>' in html(browser, "/?tab=all")
    assert "<title>用户1234 · IM Hub" in re.sub(r"\([0-9]+\) ", "", html(browser, "/c/c1"))


def test_a_name_that_turns_what_follows_is_isolated_in_the_page_and_in_its_title(browser: Client) -> None:
    assert f'<span class="who"><bdi>{TURNING}</bdi></span>' in html(browser, "/?tab=all")
    page = html(browser, "/c/c2")
    assert f"\u2068{TURNING}\u2069 · IM Hub</title>" in page
    assert f'aria-label="\u2068{TURNING}\u2069"' in page
    assert f"\u2068{TURNING}\u2069 撤回了一条消息" in page
    assert f"<bdi><b>{TURNING}</b></bdi>" in page


def test_a_recalled_message_is_shown_in_its_thread_alone_and_only_to_who_asks(browser: Client) -> None:
    assert RECALLED not in html(browser, "/?tab=all")
    assert RECALLED not in html(browser, "/c/c1")
    assert html(browser, "/c/c2").count(RECALLED) == 1
    assert f"<bdi>{RECALLED}</bdi></details>" in html(browser, "/c/c2")


def test_the_letter_of_a_picture_and_of_an_account_is_one_character_as_people_count_them(browser: Client) -> None:
    page = html(browser, "/?tab=all")
    assert re.search(rf"<span class=\"face\" aria-hidden=\"true\">\s*{ROCKET}\s", page)
    assert f'<text x="12" y="12.5">{ROCKET}</text>' in page


def test_a_message_of_an_unknown_kind_and_one_without_words_say_so(browser: Client) -> None:
    assert bubbles(html(browser, "/c/c1")) == [(None, "在吗"), (None, "[暂不支持的消息]"), (None, "[没有文字的消息]")]


def test_a_group_says_who_wrote_where_another_one_begins(browser: Client) -> None:
    assert bubbles(html(browser, "/c/c3")) == [
        ("小鱼儿", "晚上见"),
        (None, "七点"),
        ("用户u2", "好"),
        (None, "我也去"),
        ("小鱼儿", "太好了"),
    ]


# -- the pieces


@pytest.mark.parametrize("name", [None, "", " ", "\u3164", "\u200b\u200d", "\u2800", "\u202e"])
def test_a_name_of_which_nobody_sees_anything_is_no_name(name: str | None) -> None:
    with translation.override("zh-hans"):
        assert format_person("100000001234", name) == "用户1234"


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("小鱼", "小"),
        (f"{ROCKET}a", ROCKET),
        ("e\u0301a", "e\u0301"),
        ("🇨🇳🇯🇵", "🇨🇳"),
        ("\u200b \u202e鱼", "鱼"),
        ("", ""),
    ],
)
def test_the_first_character_is_the_first_that_is_seen(text: str, letter: str) -> None:
    assert first_grapheme(text) == letter


def test_a_text_is_never_cut_inside_a_character() -> None:
    assert shorten("小鱼儿", 3) == "小鱼儿"
    assert shorten("小鱼儿们", 3) == "小鱼…"
    assert shorten(f"a{ROCKET}b", 4) == "a…"
    assert shorten(f"ab{ROCKET * 9}", 7) == f"ab{ROCKET}…"


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("小鱼儿 Lin 🚀", "小鱼儿 Lin 🚀"),
        ("אבג", "\u2068אבג\u2069"),
        ("\u202eabc", "\u2068\u202eabc\u2069"),
        ("a\u2069\u202eb", "\u2068a\u202eb\u2069"),
        ("a\u2067b", "\u2068a\u2067b\u2069\u2069"),
    ],
)
def test_a_name_that_turns_what_follows_is_isolated_and_cannot_end_that_itself(text: str, isolated: str) -> None:
    assert isolate(text) == isolated


def test_an_unknown_kind_has_a_sentence_in_the_language_of_the_page() -> None:
    assert format_placeholder("other") == "[A message of a kind that is shown on the platform only]"
