"""Answers for the files of the pages, from memory once somebody has asked for them."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from typing import Any, Final

from django.conf import settings

from imhub.edge.startup_gate import Application, Receive, Scope, Send

MOST_BYTES: Final = 16 * 1024**2
ENTRY_BYTES: Final = 1024
"""About what an answer takes besides its body and its key."""
NOT_MODIFIED: Final = 304
KEPT: Final = frozenset({200, NOT_MODIFIED})
CODINGS: Final = re.compile(rb"\b(?:br|gzip)\b")
"""As the packed forms of a file are chosen. All else that a client says of codings changes nothing."""
CHOOSING: Final = frozenset({b"accept-encoding", b"if-none-match", b"x-forwarded-proto"})
"""What an answer depends on, besides method, path and scheme."""
SCHEMES: Final = frozenset({None, b"http", b"https"})
"""What a proxy says. Whatever else a stranger says there is answered anew."""
OTHERS: Final = frozenset({b"range", b"if-range", b"if-modified-since", b"content-length", b"transfer-encoding"})
"""Whoever sends one of them is answered anew."""

Message = MutableMapping[str, Any]
Key = tuple[str | bytes | None, ...]


class KeptFiles:
    """ASGI application that keeps what `inner` answers to a GET or HEAD of a file, and answers so from then on.

    A page loads eighty files. Whether they are found, packed or unchanged, and with which headers, is decided once, by
    `inner`. `is_fixed`: whether the files stay as they are while the process runs; otherwise nothing is kept. It keeps
    no more than `most_bytes`.
    """

    def __init__(self, inner: Application, *, is_fixed: bool, most_bytes: int = MOST_BYTES) -> None:
        self._inner = inner
        self._free_bytes = most_bytes if is_fixed else 0
        self._kept: dict[Key, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = make_key(scope)
        if key is None:
            await self._inner(scope, receive, send)
            return
        kept = self._kept.get(key)
        if kept is None:
            kept = self._keep(key, await self._ask(scope, receive))
        for message in kept:
            await send(message)

    async def _ask(self, scope: Scope, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def note(message: Message) -> None:
            messages.append(message)

        await self._inner(scope, receive, note)
        return messages

    def _keep(self, key: Key, messages: list[Message]) -> list[Message]:
        """Return the answer in two messages, and keep it if there is room."""
        if not messages or messages[0].get("status") not in KEPT:
            return messages
        *_, if_none_match = key
        if if_none_match is not None and messages[0]["status"] != NOT_MODIFIED:
            return messages  # anybody can make up such a value, and each would be an answer of its own
        body = b"".join(message.get("body", b"") for message in messages[1:])
        answer: list[Message] = [messages[0], {"type": "http.response.body", "body": body}]
        size = len(body) + sum(len(part) for part in key if part is not None) + ENTRY_BYTES
        if size <= self._free_bytes and key not in self._kept:
            self._free_bytes -= size
            self._kept[key] = answer
        return answer


def make_key(scope: Scope) -> Key | None:
    """Return what the answer to a request for a file depends on. None: it is no such request, or an uncommon one."""
    method, path = scope["method"], scope["path"]
    if method not in ("GET", "HEAD") or not path.startswith(settings.STATIC_URL) or scope.get("query_string"):
        return None
    headers = dict(scope["headers"])
    if not OTHERS.isdisjoint(headers) or _is_said_twice(scope["headers"]):
        return None
    proxied, accepted = headers.get(b"x-forwarded-proto"), headers.get(b"accept-encoding", b"")
    if proxied not in SCHEMES or not accepted.isascii():
        return None
    codings = b",".join(sorted(set(CODINGS.findall(accepted))))
    return method, scope.get("scheme"), path, codings, proxied, headers.get(b"if-none-match")


def _is_said_twice(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether one of CHOOSING stands there more than once: the answer goes by all of them together."""
    names = [name for name, _ in headers if name in CHOOSING]
    return len(names) > len(set(names))
