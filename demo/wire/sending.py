"""Answers to what pages send: private messages as protobuf, comments as JSON. An envelope in order proves nothing."""

import json
from typing import NamedTuple

from demo.switches import SendOutcome
from demo.wire.common import Json, Links, envelope
from demo.wire.protobuf import Fields


class Answer(NamedTuple):
    """One answer to a message: the platform's status, its check code, its words for people."""

    status: int
    code: int = 0
    words: str = ""


BLOCKED = "由于对方的隐私设置，你无法发送消息"
MESSAGES: dict[SendOutcome, Answer] = {
    "ok": Answer(0),
    "self_visible": Answer(4, 8101),
    "in_review": Answer(0, 10502),
    "retry_mark": Answer(2),
    "check_failed": Answer(3, 8610),
    "blocked": Answer(5, 0, "消息已发出，但被对方拒收了"),
    "stranger_limit": Answer(3, 8610, "对方关注或回复你之前，你只能发送 1 条文字消息"),
    "too_fast": Answer(3, 8610, "操作太频繁，请稍后再试"),
}
COMMENTS: dict[SendOutcome, tuple[int, str]] = {
    "too_fast": (-1, "回复过于频繁，请稍后再试"),
    "private_work": (3, "私密作品无法评论"),
    "comment_deleted": (7, "评论已被删除"),
    "blocked": (3, "由于对方的设置，你无法评论"),
}
NOT_TAKEN = (5, "评论失败")


def message_answer(answer: Answer, server_id: str, client_id: str) -> Fields:
    """Return the body that says what became of a message. Without `server_id` there is none."""
    words = {"status_code": answer.code, "status_msg": {"msg_content": {"tips": answer.words}}}
    told = json.dumps({**words, "raw_check_code": answer.code}, ensure_ascii=False)
    return {
        1: int(server_id) if server_id else None,
        3: answer.status,
        4: client_id,
        5: answer.code or None,
        6: told if answer.code or answer.words else None,
    }


def comment_taken(cid: str, links: Links) -> Json:
    """Return M for a comment that was taken."""
    return envelope(links.now_ms, {"comment_info": {"comment_id": cid, "create_time": links.now_ms // 1000}})


def comment_refused(code: int, message: str, links: Links) -> Json:
    """Return M for a comment that was refused. The text stands under two names, as on the platform."""
    return envelope(links.now_ms, {"error_msg": message}, code=code, message=message)
