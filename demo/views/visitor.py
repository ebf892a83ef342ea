"""Finds out who asks, and answers members."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from demo.login import COOKIES
from demo.site import Site
from demo.switches import NO_FAULTS, AnswerState, Switches
from demo.wire.common import NEED_LOGIN, TOO_FAST, Links, envelope
from demo.world import DemoAccount

SESSION = COOKIES[0]
Endpoint = Callable[[Request], Awaitable[Response]]


class Visitor(NamedTuple):
    """A visitor. `phone`: the account in the address (`/for/<account>/…`), whose phone lies beside this browser."""

    site: Site
    links: Links
    phone: str
    account: DemoAccount | None

    @property
    def switches(self) -> Switches:
        """Return the faults of the visitor's account; none for guests."""
        return self.site.switches[self.account.key] if self.account else NO_FAULTS


class Member(NamedTuple):
    """A visitor who is logged in, and the request."""

    site: Site
    links: Links
    account: DemoAccount
    switches: Switches
    request: Request

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter of the query."""
        return self.request.query_params.get(name, default)

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter of the query as a number; `default` if it is none."""
        value = self.text(name)
        return int(value) if value.isdigit() else default


def get_visitor(connection: HTTPConnection) -> Visitor:
    """Return the visitor of a request or a socket."""
    site: Site = connection.app.state.site
    phone = connection.path_params.get("phone", "")
    scheme = "https" if connection.url.scheme in ("https", "wss") else "http"
    origin = f"{scheme}://{connection.url.netloc}"
    links = Links(origin, f"/for/{phone}" if phone else "", site.clock())
    key = site.logins.sessions.get(read_session(connection), "")
    return Visitor(site, links, phone, site.world.accounts.get(key))


def read_session(connection: HTTPConnection) -> str:
    """Return the first session cookie: browsers send the longest path first, and parsers keep the last."""
    for header in connection.headers.getlist("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == SESSION:
                return value
    return ""


def refuse(state: AnswerState) -> Response | None:
    """Return the response that replaces an answer, without a content type; None if the answer itself is sent."""
    status = {"ok": 0, "too_fast": 429, "fault": 500, "empty": 200}[state]
    return Response(status_code=status) if status else None


def data(answer: Callable[[Member], Any]) -> Endpoint:
    """Return an endpoint for members that answers JSON, as slowly as is switched.

    Others get `status_code` 8, with HTTP 200.
    """

    async def endpoint(request: Request) -> Response:
        visitor = get_visitor(request)
        if visitor.account is None:
            return JSONResponse(envelope(visitor.links.now_ms, {}, code=NEED_LOGIN, message="用户未登录"))
        await asyncio.sleep(visitor.switches.slow_s)
        if visitor.switches.answers == "too_fast":
            return JSONResponse(envelope(visitor.links.now_ms, {}, code=TOO_FAST, message="操作太频繁，请稍后再试"))
        if (refused := refuse(visitor.switches.answers)) is not None:
            return refused
        made = answer(Member(visitor.site, visitor.links, visitor.account, visitor.switches, request))
        body = await made if isinstance(made, Awaitable) else made
        return body if isinstance(body, Response) else JSONResponse(body)

    return endpoint
