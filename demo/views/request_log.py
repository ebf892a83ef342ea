"""Keeps count of what browsers ask the site for, so that two sessions can be compared."""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

_OWN = "/control"


class RequestLog:
    """An ASGI layer around the site. `counts`: by method and path, sockets as `SOCKET`; the control room is left out.

    The demo's addresses begin with the account that they are for, so the counts of accounts stay apart.
    """

    def __init__(self, app: ASGIApp, counts: Counter[str]) -> None:
        self._app, self._counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count one request, and pass it on."""
        if scope["type"] in ("http", "websocket") and not scope["path"].startswith(_OWN):
            self._counts[f"{scope.get('method', 'SOCKET')} {scope['path']}"] += 1
        await self._app(scope, receive, send)
