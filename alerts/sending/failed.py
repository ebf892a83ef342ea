"""The reason why a delivery failed: a code that pages have words for, and what the other side said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal
from urllib.parse import unquote

Reason = Literal["unreachable", "timeout", "status", "refused", "gone", "address"]

_PARTS: Final = re.compile(r"[/?&=:@#]+")
LEAST_SECRET: Final = 5


class SendFailed(Exception):
    """Raised with a reason. `gone`: the address will never work again; `address`: it cannot be read any more."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without any part of these addresses and keys that is long enough to be one."""
    parts = {part for secret in secrets for part in [secret, *_PARTS.split(secret)]}
    parts |= {unquote(part) for part in parts}
    for part in sorted((part for part in parts if len(part) >= LEAST_SECRET), key=len, reverse=True):
        text = text.replace(part, "***")
    return text
