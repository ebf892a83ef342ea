"""F6, F8, F9: what carries the messages, and what it refuses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import CrawlError, LoginLost, PageChanged, Retryable
from crawler.platforms.douyin.im.news import parse_frame, parse_response
from crawler.platforms.douyin.im.sending import SendResult, parse_sent
from tests.crawler.platforms.douyin.im.wire import NOW, a_body, a_frame, a_new_message, a_response, an_info, an_init

NEW = a_new_message(a_body(1))


@pytest.mark.parametrize("frame", [a_frame(NEW), a_frame(NEW, squeezed=True), a_frame(NEW, squeezed=True, says=False)])
def test_f6_a_frame_is_read_plain_and_compressed_also_if_it_does_not_say_so(frame: bytes) -> None:
    news = parse_frame(frame, NOW)
    assert news is not None
    assert [message.content for message in news.found.messages] == ["第 1 句"]


@pytest.mark.parametrize(
    "frame",
    [
        a_frame(b"hb", "hb"),
        a_frame(b"", "hb"),
        a_frame(b'{"a": 1}', "text/json"),
        a_frame(b"", "ack"),
        a_frame(b"\x08\x01\x12\x02xx", "msg", f3=2222),
        "text of a live room",
    ],
    ids=["heartbeat", "empty heartbeat", "json", "acknowledgement", "another service", "text frame"],
)
def test_f6_frames_that_bring_no_message_are_left_alone(frame: bytes | str) -> None:
    assert parse_frame(frame, NOW) is None


def test_f6_an_unknown_command_says_nothing() -> None:
    news = parse_frame(a_frame(a_response(1099, {1: "x"})), NOW)
    assert news is not None
    assert (news.found.messages, news.conversations) == ([], [])


@pytest.mark.parametrize("frame", [a_frame(NEW)[:-9], a_frame(NEW, squeezed=True)[:-40], a_frame(b"\x1f\x8bnonsense")])
def test_f6_a_truncated_frame_is_a_changed_page_and_never_an_empty_one(frame: bytes) -> None:
    with pytest.raises(PageChanged):
        parse_frame(frame, NOW)


@given(st.binary(max_size=200))
def test_f6_no_bytes_do_more_harm_than_a_typed_error(raw: bytes) -> None:
    for parse in (parse_frame, parse_response):
        try:
            parse(raw, NOW)
        except CrawlError:
            continue
    parse_sent(raw)


@pytest.mark.parametrize("code", [1, 8, 100])
def test_f9_a_refusal_of_who_we_are_is_a_lost_login(code: int) -> None:
    with pytest.raises(LoginLost):
        parse_response(a_response(2043, None, f3=code), NOW)


def test_f9_another_refusal_is_tried_again_with_the_platforms_words() -> None:
    with pytest.raises(Retryable, match="IM status_code 6: SERVER_ERR"):
        parse_response(a_response(2043, None, f3=6, f4="SERVER_ERR"), NOW)


def test_f9_a_status_of_0_may_be_absent_or_there() -> None:
    assert parse_response(an_init(), NOW).has_more is False
    assert parse_response(a_response(2043, {2: True}, f3=0), NOW).has_more is True


def test_a_response_that_is_json_is_a_changed_page_and_a_kick_a_lost_login() -> None:
    with pytest.raises(PageChanged):
        parse_response(b'{"status_code": 0}', NOW)
    with pytest.raises(LoginLost):
        parse_response(b'{"decision":"KICK"}', NOW)


@pytest.mark.parametrize(
    ("status", "error"), [(401, LoginLost), (404, PageChanged), (429, Retryable), (502, Retryable)]
)
def test_refusals_of_http_say_what_to_do(status: int, error: type[CrawlError]) -> None:
    with pytest.raises(error):
        parse_response(b"", NOW, status)


def test_a_body_of_another_command_is_a_changed_page() -> None:
    with pytest.raises(PageChanged):
        parse_response(a_response(2043, None, f6={610: {1: [an_info()]}}), NOW)


def sent(**fields: Any) -> SendResult:
    return parse_sent(a_response(100, {int(key.removeprefix("f")): value for key, value in fields.items()}))


CHECK = json.dumps({"status_code": 8610, "status_msg": {"msg_content": {"tips": "对方未关注你"}}}, ensure_ascii=False)


def test_f8_only_an_id_without_any_complaint_is_sent() -> None:
    assert sent(f1=7600000000000000042, f4="uuid") == SendResult(state="sent", message_id="7600000000000000042")
    assert sent(f4="uuid").state == "unknown"


def test_f8_what_only_we_see_is_not_sent() -> None:
    assert sent(f1=7600000000000000042, f3=4, f5=8101) == SendResult(state="self_visible", code=8101)
    assert sent(f1=7600000000000000042, f5=8101).state == "self_visible"


def test_f8_a_refusal_has_the_platforms_words() -> None:
    assert sent(f3=3, f5=8610, f6=CHECK) == SendResult(state="refused", code=8610, words="对方未关注你")


def test_f8_what_is_reviewed_is_not_there_yet() -> None:
    assert sent(f1=7600000000000000042, f5=10502) == SendResult(state="in_review", code=10502)


def test_f8_a_kick_ends_the_login_and_an_envelope_alone_proves_nothing() -> None:
    assert parse_sent(b'{"decision":"KICK"}').state == "logged_out"
    assert parse_sent(a_response(100, None)).state == "unknown"
    assert parse_sent(a_response(100, None, f3=8)).state == "logged_out"
    assert parse_sent(a_response(100, None, f3=18, f4="TOUCH_LIMIT")).state == "refused"
    assert parse_sent(b"\xff\xff").state == "unknown"
