import json

import pytest

from crawler.errors import AccountRefused, LoginLost, PageChanged, Retryable
from crawler.platforms.douyin.capture import kind_of, query_of, read_body
from crawler.platforms.douyin.config import Config, read_config
from crawler.platforms.douyin.pages import Pages
from crawler.platforms.douyin.parse.batch import ParseHealth
from crawler.platforms.douyin.parse.fields import get
from crawler.platforms.douyin.state import DouyinState

V2 = "https://creator.douyin.com/web/api/third_party/aweme/api/comment/read/aweme/v1/web/comment/list"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://creator.douyin.com/janus/douyin/creator/pc/work_list?status=0", "works"),
        ("http://127.0.0.1:8100/for/acc1/creator/janus/douyin/creator/pc/work_list/?status=0", "works"),
        ("https://creator.douyin.com/aweme/v1/creator/item/list/?cursor=", "picker"),
        (f"{V2}/select/?aweme_id=1", "comments"),
        (f"{V2}/reply/?comment_id=1", "replies"),
        ("https://www.douyin.com/aweme/v1/web/comment/list/reply/?item_id=1", "replies"),
        ("https://www.douyin.com/aweme/v1/web/notice/detail/?aid=6383", "notices"),
        ("https://www.douyin.com/aweme/v1/web/notice/?notice_group=700&count=10", "notices"),
    ],
)
def test_answers_are_recognised_by_the_end_of_their_path(url: str, kind: str) -> None:
    assert kind_of(url) == kind


@pytest.mark.parametrize(
    "url",
    [
        "https://creator.douyin.com/aweme/v1/creator/comment/list/?item_id=@x",
        "https://creator.douyin.com/aweme/v1/creator/comment/reply/list/?comment_id=@x",
        "https://creator.douyin.com/aweme/v1/creator/comment/reply/",
        "https://www.douyin.com/aweme/v1/web/aweme/detail/?aweme_id=1",
    ],
)
def test_ciphertext_comments_sent_replies_and_foreign_works_are_not_listened_to(url: str) -> None:
    assert kind_of(url) is None


def test_the_query_tells_what_was_asked_for() -> None:
    assert query_of(f"{V2}/select/?aweme_id=7559&cursor=0")["aweme_id"] == "7559"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"status_code": 8, "status_msg": "用户未登录"}, 200, LoginLost),
        ({"status_code": -1, "status_msg": "回复过于频繁，请稍后再试"}, 200, Retryable),
        ({"status_code": 0}, 502, Retryable),
        ({"status_code": 0}, 404, PageChanged),
        ({"comments": []}, 200, PageChanged),
        ([], 200, PageChanged),
    ],
)
def test_a_refusal_that_comes_with_http_200_is_an_error_that_says_what_to_do(
    body: object, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_body(json.dumps(body).encode(), status)


def test_html_in_place_of_json_is_a_changed_page() -> None:
    with pytest.raises(PageChanged):
        read_body(b"<html>", 200)


def test_bytes_that_are_no_text_cost_a_character_and_not_the_answer() -> None:
    body = read_body(b'{"status_code": 0, "nickname": "\xe5\xb0\xff", "signature": "\\ud800"}', 200)
    assert get(body, "nickname") == "\ufffd\ufffd"
    assert get(body, "signature") == "\ufffd"


def test_the_words_of_a_refusal_are_kept() -> None:
    with pytest.raises(Retryable, match="过于频繁"):
        read_body('{"status_code": -1, "error_msg": "回复过于频繁，请稍后再试"}'.encode(), 200)


def test_numbers_keep_all_their_digits() -> None:
    body = read_body(b'{"status_code": 0, "nid": 7559157945791950001}', 200)
    assert body == {"status_code": 0, "nid": 7559157945791950001}


def test_pages_are_appended_to_a_base_that_has_a_path() -> None:
    pages = Pages(Config(creator_url="http://127.0.0.1:8100/for/acc1/creator/", www_url="http://127.0.0.1:8100/www"))
    assert pages.works.url == "http://127.0.0.1:8100/for/acc1/creator/creator-micro/content/manage"
    assert [entry.url.rpartition("/")[2] for entry in pages.chats] == ["chat", ""]
    assert pages.chats[0].url == "http://127.0.0.1:8100/www/chat"


def test_the_accounts_own_addresses_go_before_the_settings() -> None:
    settings = {"DOUYIN_CREATOR_URL": "http://settings/creator", "DOUYIN_WWW_URL": "http://settings/www"}
    config = read_config({"creator_url": "http://own/creator", "note": "of somebody else"}, settings)
    assert (config.creator_url, config.www_url) == ("http://own/creator", "http://settings/www")
    assert config.im_url.startswith("https://")


@pytest.mark.parametrize(
    "given", [{"pace": "fast"}, {"patience": 0}, {"page_s": -1}, {"max_works": 0}, {"www_url": "ftp://x"}]
)
def test_a_bad_config_is_refused_by_name(given: dict[str, object]) -> None:
    with pytest.raises(AccountRefused, match="config"):
        read_config(given, {})


def test_zero_where_there_were_many_is_suspicious_but_a_new_account_may_be_empty() -> None:
    state = DouyinState("acc1", None, Config(), lambda: 0)
    assert state.canary("contents", 0, "ok") == "ok"
    assert state.canary("contents", 5, "ok") == "ok"
    assert state.canary("contents", 0, "ok") == "empty_suspicious"
    assert state.canary("contents", 0, "ok") == "empty_suspicious"  # Once more: it does not become the custom.
    assert state.canary("contents", 0, "page_changed") == "page_changed"


def test_a_key_missing_in_most_items_is_a_changed_page_in_few_it_is_not() -> None:
    health = ParseHealth()
    for raw in ({"text": "a"}, {"text": "b"}, {}):
        health.note(raw, (("text",),))
    with_few = health.canary
    assert with_few == "ok"
    health.note({}, (("text",),))
    health.note({}, (("text",),))
    assert health.canary == "page_changed"
