"""Reads what the page asked when it sent a message, and what became of it.

A response that came is no proof that anybody got it.
"""

from typing import Final, Literal

from google.protobuf.message import DecodeError
from msgspec import Struct

from crawler.errors import CrawlError, LoginLost, Retryable
from crawler.platforms.douyin.im.envelope import open_response
from crawler.platforms.douyin.im.im_pb2 import Request
from crawler.platforms.douyin.im.messages import shown
from crawler.platforms.douyin.parse.fields import decoded, name, text

SendState = Literal["sent", "self_visible", "refused", "in_review", "logged_out", "unknown"]

_SELF_VISIBLE: Final = 4
_REVIEW: Final = 10502
_UNREACHED: Final = 8101
_SEND: Final = 100


class SendResult(Struct, frozen=True, kw_only=True):
    """The end of one sending. `message_id` only if it was sent; `words` are the platform's, for a person.

    `self_visible`: only we see it. `in_review`: the other side gets nothing yet. `unknown`: never to be sent again.
    """

    state: SendState
    message_id: str | None = None
    code: int = 0
    words: str | None = None


class SendAsked(Struct, frozen=True, kw_only=True):
    """The message that the page asked to be sent; `chat_id` is the conversation's."""

    chat_id: str
    text: str


def parse_asked(body: bytes | None) -> SendAsked | None:
    """Return what a page asked to be sent; None if it cannot be read."""
    try:
        asked = Request.FromString(body or b"").body.send
    except DecodeError:
        return None
    if not asked.conversation_id:
        return None
    return SendAsked(chat_id=asked.conversation_id, text=text(decoded(shown(asked.content)), "text") or "")


def parse_sent(body: bytes) -> SendResult:
    """Return what became of a sent message. Raises nothing: what cannot be read is `unknown`."""
    try:
        response = open_response(body)
    except LoginLost as error:
        return SendResult(state="logged_out", words=str(error))
    except Retryable as error:
        return SendResult(state="refused", words=str(error))
    except CrawlError as error:
        return SendResult(state="unknown", words=str(error))
    if response.cmd != _SEND or not response.body.HasField("send"):
        return SendResult(state="unknown")
    sent = response.body.send
    code, words = sent.check_code, _words(shown(sent.check_message))
    if sent.status == _SELF_VISIBLE or code == _UNREACHED:
        return SendResult(state="self_visible", code=code, words=words)
    if code == _REVIEW:
        return SendResult(state="in_review", code=code, words=words)
    if sent.status or code:
        return SendResult(state="refused", code=code, words=words)
    if sent.server_message_id <= 0:
        return SendResult(state="unknown")
    return SendResult(state="sent", message_id=str(sent.server_message_id))


def _words(message: str) -> str | None:
    raw = decoded(message)
    return name(raw, "status_msg", "msg_content", "tips") or name(raw, "tips")
