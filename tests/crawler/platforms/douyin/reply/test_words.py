"""The texts and answers of the platform, without a browser."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms.douyin.fiber import OpenTalk
from crawler.platforms.douyin.im.sending import SendResult
from crawler.platforms.douyin.reply.chat_page import ChatTarget, is_open
from crawler.platforms.douyin.reply.comment_evidence import read_answer
from crawler.platforms.douyin.reply.evidence import outcome_of_response
from crawler.platforms.douyin.reply.words import is_risk, is_same, visible


@given(st.text(max_size=40))
def test_an_editor_that_keeps_its_lines_in_its_own_way_holds_the_same_text(text: str) -> None:
    kept = "\u200b" + "\ufeff\n".join(text.replace("\r\n", "\n").split("\n")) + "\n"
    assert is_same(text, kept)
    assert is_same(text, visible(kept))


@pytest.mark.parametrize(("one", "other"), [("好的", "好的。"), ("好的", None), ("a b", "ab")])
def test_another_text_is_not_the_same(one: str, other: str | None) -> None:
    assert not is_same(one, other)


@pytest.mark.parametrize("words", ["操作太频繁，请稍后再试", "回复过于频繁", "账号存在风险", "请完成下列验证后继续"])
def test_words_of_risk_are_known(words: str) -> None:
    assert is_risk(words)
    assert not is_risk("对方关注或回复你之前，你只能发送 1 条文字消息")


def a_talk(id: str, sec_uid: str | None = None) -> OpenTalk:
    return OpenTalk(source="row", id=id, sec_uid=sec_uid)


KNOWN = ChatTarget(chat_id="0:1:7:9", sec_uid="SEC9")
NEW = ChatTarget(chat_id=None, sec_uid="SEC9")


@pytest.mark.parametrize(
    ("target", "found", "is_it"),
    [
        (KNOWN, [a_talk("0:1:7:9", "SEC9"), a_talk("0:1:7:9")], True),
        (KNOWN, [a_talk("0:1:7:9")], True),
        (KNOWN, [], False),
        (KNOWN, [a_talk("0:1:7:8", "SEC9")], False),
        (KNOWN, [a_talk("0:1:7:9", "SEC8")], False),
        (KNOWN, [a_talk("0:1:7:9", "SEC9"), a_talk("0:1:7:8")], False),
        (NEW, [a_talk("0:1:7:9", "SEC9")], True),
        (NEW, [a_talk("0:1:7:9")], False),
        (ChatTarget(chat_id=None, sec_uid=None), [a_talk("0:1:7:9")], False),
    ],
)
def test_a_conversation_is_the_target_only_if_all_that_is_readable_says_so(
    target: ChatTarget, found: list[OpenTalk], is_it: bool
) -> None:
    assert is_open(target, found) is is_it


@pytest.mark.parametrize(
    ("result", "state", "code"),
    [
        (SendResult(state="sent", message_id="7"), "sent", None),
        (SendResult(state="refused", code=8610, words="操作太频繁，请稍后再试"), "refused", "risk"),
        (SendResult(state="refused", code=8610, words="对方未关注你"), "refused", "refused"),
        (SendResult(state="self_visible", code=8101), "refused", "self_visible"),
        (SendResult(state="in_review", code=10502), "refused", "in_review"),
        (SendResult(state="logged_out"), "refused", "kicked"),
    ],
)
def test_an_answer_to_a_message_means(result: SendResult, state: str, code: str | None) -> None:
    outcome = outcome_of_response(result)
    assert (outcome.state, outcome.reason and outcome.reason.code) == (state, code)


@pytest.mark.parametrize(
    ("body", "state", "code"),
    [
        ({"status_code": 0, "comment_info": {"comment_id": "75"}}, "sent", None),
        ({"status_code": 0, "comment": {"cid": "75"}}, "sent", None),
        ({"status_code": 0, "comment_info": {"comment_id": "@secret=="}}, None, None),
        ({"status_code": 0}, None, None),
        ({"status_code": 8, "status_msg": "用户未登录"}, "refused", "kicked"),
        ({"status_code": -1, "error_msg": "回复过于频繁，请稍后再试"}, "refused", "risk"),
        ({"status_code": 7, "status_msg": "评论已被删除"}, "refused", "refused"),
        ({}, None, None),
    ],
)
def test_an_answer_to_a_comment_means(body: dict[str, Any], state: str | None, code: str | None) -> None:
    outcome = read_answer(json.dumps(body))
    assert (outcome and outcome.state, outcome and outcome.reason and outcome.reason.code) == (state, code)


def test_an_answer_that_is_no_json_says_nothing() -> None:
    assert read_answer("<html>") is None
