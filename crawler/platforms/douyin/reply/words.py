"""Compares texts as the platform shows them, and knows what its words of refusal mean. Pure."""

import re
import unicodedata
from typing import Final

from crawler.platforms.base import ReplyOutcome
from sync.protocol.reply_messages import ReplyReason
from sync.protocol.text import one_break

_INVISIBLE: Final = {ord("\u200b"): None, ord("\ufeff"): None, ord("\u00a0"): " "}
_BREAKS: Final = re.compile(r"[ \t]*\n\s*")
_RISK: Final = re.compile(
    "安全验证|完成验证|请完成下列验证|验证身份|操作频繁|(?:过于|太)频繁|访问异常|账号存在(?:安全)?风险|存在风险"
)

_MAX_WORDS: Final = 300


def visible(text: str) -> str:
    """Return `text` without what editors put in to hold their lines: invisible characters, a break at the end."""
    return one_break(text.translate({0x200B: None, 0xFEFF: None})).strip("\n")


def shown(text: str) -> str:
    """Return `text` as far as editors keep it: without invisible characters, line breaks that are one and the same."""
    plain = one_break(unicodedata.normalize("NFC", text.translate(_INVISIBLE)))
    return _BREAKS.sub("\n", plain).strip()


def is_same(one: str | None, other: str | None) -> bool:
    """Return whether people see the same text. None is no text."""
    return one is not None and other is not None and shown(one) == shown(other)


def is_risk(words: str | None) -> bool:
    """Return whether the platform's words say that it looks closer: nothing may go on until a person says so."""
    return words is not None and _RISK.search(words) is not None


def refused(words: str | None, code: str = "refused", *, is_logged_out: bool = False) -> ReplyOutcome:
    """Return the outcome of a refusal in the platform's `words`, which are kept for people.

    `code` is the reason's unless the session was ended (`kicked`) or the words are of risk (`risk`).
    """
    if is_logged_out:
        return ReplyOutcome(state="refused", reason=ReplyReason(code="kicked"))
    reason = ReplyReason(code="risk" if is_risk(words) else code, text=(words or "")[:_MAX_WORDS])
    return ReplyOutcome(state="refused", reason=reason)
