"""The reason why a delivery failed: a code that pages have words for, and what the other side said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal
from urllib.parse import unquote

Reason = Literal["unreachable", "timeout", "status", "refused", "gone", "address"]

_PARTS: Final = re.compile(r"[/?&=:@#]+")
LEAST_SECRET: Final = 5


class SendFailed(Exception):
    """Raised with a reason. `gone`: the address will never work again; `address`: it cannot be read any more.

    `wait_s`: the other side asked to be left alone for so long; 0 if it said nothing.
    """

    def __init__(self, reason: Reason, detail: str = "", *, wait_s: int = 0) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.wait_s = wait_s


def read_wait(headers: Mapping[str, str]) -> int:
    """Return the seconds of a `Retry-After` in an answer. 0 without one, or where it names a date."""
    text = headers.get("Retry-After", "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without any part of these addresses and keys that is long enough to be one."""
    parts = {part for secret in secrets for part in [secret, *_PARTS.split(secret)]}
    parts |= {unquote(part) for part in parts}
    for part in sorted((part for part in parts if len(part) >= LEAST_SECRET), key=len, reverse=True):
        text = text.replace(part, "***")
    return text
