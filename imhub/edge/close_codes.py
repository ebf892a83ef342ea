"""Turns close codes into codes that every server can send."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from imhub.edge.startup_gate import Application, Receive, Scope, Send

# RFC 6455, 7.4.2
RESERVED: Final = range(1001, 3000)
TO_PRIVATE: Final = 3000


class CloseCodes:
    """Sends a close with a reserved code that the server refuses as a private one: 4009 for 1009.

    Daphne's library raises a plain Exception for 1001 to 2999 (crossbario/autobahn-python#1642), and the socket would
    stay open although nobody listens to it any more.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_any_code(message: MutableMapping[str, Any]) -> None:
            try:
                await send(message)
            except Exception:
                if message["type"] != "websocket.close" or message.get("code") not in RESERVED:
                    raise
                await send({**message, "code": message["code"] + TO_PRIVATE})

        await self._inner(scope, receive, send_any_code)
