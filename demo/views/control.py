"""The control room: switches, events, ground truth. For this machine only."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from demo.events import BadEvent, DemoEvent
from demo.site import BadSwitch, Site
from demo.views.html import render
from demo.views.visitor import Endpoint, get_visitor
from demo.world import DemoAccount

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def local(answer: Callable[[Request], Awaitable[Response]]) -> Endpoint:
    """Refuse other machines, and pages of other sites in this machine's browsers."""

    async def endpoint(request: Request) -> Response:
        client = request.client.host if request.client else ""
        origin = request.headers.get("origin")
        foreign = origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}"
        if client not in LOOPBACK or request.url.hostname not in LOOPBACK or foreign:
            return PlainTextResponse("The control room is for this machine only.\n", 403)
        return await answer(request)

    return endpoint


async def show(request: Request) -> Response:
    """Show the page of the control room."""
    return render("control.html", get_visitor(request)._replace(account=None), title="控制台", script="control")


async def state(request: Request) -> Response:
    """Answer the ground truth, to compare with what was crawled."""
    site = get_visitor(request).site
    return JSONResponse(
        {
            "scenario": site.options.scenario,
            "seed": site.options.seed,
            "fans_interval_s": site.fans_interval_s,
            "now_ms": site.clock(),
            "accounts": {key: describe(site, account) for key, account in site.world.accounts.items()},
            "people": msgspec.to_builtins(site.world.people),
        }
    )


def describe(site: Site, account: DemoAccount) -> dict[str, Any]:
    """Return the account as it is, and the counts that a perfect crawl of everything visible would hold."""
    messages = [m for c in account.conversations for m in c.messages]
    return {
        **msgspec.to_builtins(account),
        "counts": {
            "works": sum(w.in_list or w.in_picker for w in account.works),
            "comments": sum(not c.is_deleted for c in account.comments),
            "conversations": len(account.conversations),
            "messages": len(messages),
            "notices": sum(n.kind != "comment" for n in account.notices),
        },
        "done": dict(site.counts[account.key]),
        "switches": msgspec.to_builtins(site.switches[account.key]),
        "short_message": site.logins.get_short_message(account.key),
        "sessions": sum(key == account.key for key in site.logins.sessions.values()),
    }


async def switch(request: Request) -> Response:
    """Change switches: `{"account": "alpha" | "*", "<switch>": value, …}`.

    `"expired_session": true` ends the sessions of now.
    """
    site = get_visitor(request).site
    change = await read_object(request)
    account, expire = str(change.pop("account", "*")), change.pop("expired_session", False)
    try:
        site.set_switches(account, change)
    except BadSwitch as error:
        return JSONResponse({"error": str(error)}, 400)
    keys = list(site.switches) if account == "*" else [account]
    ended = sum(site.logins.end_sessions(key) for key in keys) if expire else 0
    return JSONResponse({"switches": {k: msgspec.to_builtins(site.switches[k]) for k in keys}, "ended_sessions": ended})


async def event(request: Request) -> Response:
    """Let an event happen now: `{"account": "alpha", "kind": "message", …}`. Answers what it made."""
    site = get_visitor(request).site
    body = await read_object(request)
    account = site.world.accounts.get(str(body.pop("account", "")))
    if account is None:
        return JSONResponse({"error": f"account must be one of: {', '.join(site.world.accounts)}"}, 400)
    try:
        happened = site.act(account, msgspec.convert(body, DemoEvent))
    except (msgspec.ValidationError, BadEvent) as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(happened._asdict())


async def ledger(request: Request) -> Response:
    """Answer what pages sent, and what of it arrived: `?account=alpha` of one account, `?arrived=1` only that."""
    site, query = get_visitor(request).site, request.query_params
    found = [one for one in site.ledger.sendings if query.get("account") in (None, one.account)]
    return JSONResponse(msgspec.to_builtins([one for one in found if one.arrived or not query.get("arrived")]))


async def requests(request: Request) -> Response:
    """Answer what browsers asked for since the start, with how often: `{"GET /for/alpha/www/chat": 1, …}`."""
    return JSONResponse(dict(get_visitor(request).site.requests))


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body, or an empty one."""
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def to_control(_request: Request) -> Response:
    """Lead to the address with a slash at its end."""
    return RedirectResponse("/control/")


ROUTES = [
    Route("/control", to_control),
    Route("/control/", local(show)),
    Route("/control/state", local(state)),
    Route("/control/ledger", local(ledger)),
    Route("/control/requests", local(requests)),
    Route("/control/switches", local(switch), methods=["POST"]),
    Route("/control/event", local(event), methods=["POST"]),
]
