"""F10: one message of every kind that is known, and what a person sees of it."""

import json
from typing import Any

import pytest

from crawler.platforms.douyin.im.contents import UNSUPPORTED, Said, read_content
from crawler.platforms.douyin.im.news import parse_response
from tests.crawler.platforms.douyin.im.wire import NOW, a_body, an_info, an_init

PICTURE = "https://p3.douyinpic.com/a.jpeg"
LIST = {"url_list": [PICTURE]}


def said(kind: int, **content: Any) -> Said:
    return read_content(kind, json.dumps(content, ensure_ascii=False))


def of(type: Any, text: str | None, **more: Any) -> Said:
    return Said(type=type, text=text, **more)


MESSAGES: list[tuple[str, Said, Said]] = [
    ("text", said(7, aweType=700, text="你好"), of("text", "你好")),
    ("text with blanks nobody sees", said(7, text="你\u00a0好\u200b"), of("text", "你\u00a0好\u200b")),
    ("call", said(1, aweType=193, tips="通话了 3 分 28 秒"), of("other", "[通话] 通话了 3 分 28 秒")),
    ("call of type 0", said(0, aweType=193, tips="未接来电"), of("other", "[通话] 未接来电")),
    ("sticker", said(5, aweType=507, display_name="比心", url=LIST), of("sticker", "比心", media_url=PICTURE)),
    ("sticker of a set", said(5, stickers=[{"static_url": LIST}]), of("sticker", None, media_url=PICTURE)),
    ("greeting", said(15, display_name="打招呼"), of("sticker", "打招呼")),
    (
        "picture",
        said(27, aweType=2702, resource_url={"large_url_list": [PICTURE]}),
        of("image", None, media_url=PICTURE),
    ),
    ("picture, older", said(2, resource_url={"origin_url_list": [PICTURE]}), of("image", None, media_url=PICTURE)),
    ("encrypted picture", said(27, resource_url={"skey": "ab", "large_url_list": [PICTURE]}), of("image", None)),
    ("video", said(30, poster={"large_url_list": [PICTURE]}, video={}), of("video", None, thumbnail_url=PICTURE)),
    ("voice", said(17, duration=8_250, resource_url=LIST), of("audio", None, media_url=PICTURE, duration=8.25)),
    (
        "shared work",
        said(8, aweType=800, itemId="75", content_title="夏天", cover_url=LIST),
        of("card", "[作品] 夏天", thumbnail_url=PICTURE),
    ),
    (
        "shared note",
        said(77, aweType=0, awemeType=68, itemId="75", content_title="九图", cover_url_v2=LIST),
        of("card", "[图文] 九图", thumbnail_url=PICTURE),
    ),
    (
        "work as a dynamic card",
        said(8, aweType=11055, push_detail="看看这个", schema="aweme://aweme/detail/7512345678901234567"),
        of("card", "[作品] 看看这个"),
    ),
    (
        "work in a patch",
        said(77, im_dynamic_patch={"raw_data": json.dumps({"schema": "aweme://aweme/detail/75", "title": "补丁"})}),
        of("card", "[作品] 补丁"),
    ),
    ("title that leads nowhere", said(8, content_title="只是文字"), of("text", "只是文字")),
    (
        "shared comment",
        said(16, aweType=10500, comment="说得对", comment_user_name="小王", itemId="75"),
        of("card", "[评论] 小王：说得对"),
    ),
    ("shared comment, 75", said(75, comment="说得对"), of("card", "[评论] 说得对")),
    ("shared comment, 105", said(105, comment="说得对"), of("card", "[评论] 说得对")),
    ("profile", said(25, name="小李", uid="1", avatar=LIST), of("card", "[名片] 小李", thumbnail_url=PICTURE)),
    (
        "link",
        said(26, title="活动", link_url="https://example.com/a", cover_url=LIST),
        of("link", "活动", media_url="https://example.com/a", thumbnail_url=PICTURE),
    ),
    (
        "file",
        said(6, name="报价.pdf", data_size=2048),
        of("file", "报价.pdf", file_name="报价.pdf", file_size=2048),
    ),
    ("group card", said(10, aweme_invite_card={"title": "粉丝群"}), of("card", "[群聊] 粉丝群")),
    ("group invitation", said(58, aweme_invite_card={"title": "粉丝群"}), of("card", "[群聊] 粉丝群")),
    ("goods", said(8, aweType=11029, title="茶杯"), of("card", "[商品] 茶杯")),
    ("goods by address", said(8, schema="sslocal://x?commodity_id=9", title="茶杯"), of("card", "[商品] 茶杯")),
    ("small program", said(8, aweType=11048, title="点餐"), of("card", "[小程序] 点餐")),
    ("money", said(99, trans_type=2, title="恭喜发财"), of("card", "[红包/转账] 恭喜发财")),
    ("own line", said(7, aweType=701, text="我们已互相关注"), of("other", "我们已互相关注", standing="notice")),
    ("own line, 703", said(7, aweType=703, text="打个招呼吧"), of("other", "打个招呼吧", standing="notice")),
    (
        "tip with a name in it",
        said(1, tips="{{who}} 加入了群聊", template=[{"key": "who", "name": "小张"}]),
        of("other", "小张 加入了群聊", standing="notice"),
    ),
    ("tip without words", said(1, scene="x"), Said(standing="hidden")),
    (
        "generic tip",
        said(1002, aweType=100100, tips="小张 加入了群聊"),
        of("other", "小张 加入了群聊", standing="notice"),
    ),
    ("generic tip nobody sees", said(1002, aweType=100200, tips="x"), Said(standing="hidden")),
    ("unknown", said(4242, aweType=1), of("other", UNSUPPORTED, standing="unknown")),
    ("invalid JSON", read_content(27, "{oops"), of("other", UNSUPPORTED, standing="unknown")),
    ("bare text", read_content(7, "裸文本"), of("text", "裸文本")),
    ("picture without anything", read_content(27, ""), of("other", UNSUPPORTED, standing="unknown")),
]


@pytest.mark.parametrize(("found", "expected"), [case[1:] for case in MESSAGES], ids=[case[0] for case in MESSAGES])
def test_f10_every_kind_has_what_a_person_understands(found: Said, expected: Said) -> None:
    assert found == expected


def contents(*bodies: Any) -> list[tuple[str, str | None]]:
    news = parse_response(an_init((an_info(), list(bodies))), NOW)
    return [(message.type, message.content) for message in news.found.messages]


@pytest.mark.parametrize("kind", [40001, 50001, 50002, 50017, 60001, 70001, 80005, 90002])
def test_f10_commands_are_no_messages(kind: int) -> None:
    news = parse_response(an_init((an_info(), [a_body(1, f6=kind, content="{}"), a_body(2)])), NOW)
    assert [message.place for message in news.found.messages] == [2]
    assert news.found.health.canary == "ok"


def test_f10_an_unknown_kind_is_kept_and_shown_and_the_canary_counts_it() -> None:
    bodies = [a_body(1, f6=4242, content={"x": 1}), a_body(2), a_body(3)]
    news = parse_response(an_init((an_info(), bodies)), NOW)
    assert [message.content for message in news.found.messages] == [UNSUPPORTED, "第 2 句", "第 3 句"]
    assert (news.found.health.missing, news.found.health.canary) == ({"kind": 1}, "ok")


def test_f10_mostly_unknown_kinds_are_a_changed_page() -> None:
    bodies = [a_body(number, f6=4242, content="{}") for number in range(1, 5)]
    assert parse_response(an_init((an_info(), bodies)), NOW).found.health.canary == "page_changed"


def test_f10_bytes_that_are_no_text_cost_themselves_only() -> None:
    broken = a_body(1, content='{"text": "好'.encode() + b"\xff" + b'"}')
    assert contents(broken, a_body(2)) == [("text", "好\ufffd"), ("text", "第 2 句")]


def test_f10_an_empty_content_beside_a_reference_is_a_reply() -> None:
    body = a_body(2, content="", f18={1: 7600000000000000001, 2: "{}", 3: 7})
    [message] = parse_response(an_init((an_info(), [body])), NOW).found.messages
    assert (message.type, message.content, message.reply_to) == ("text", "", "7600000000000000001")
