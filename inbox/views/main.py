"""The inbox: each address is one page, and its parts can be had alone, so that an open page follows the hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from im_api.access import Principal, get_access, reload
from im_api.errors import BadRequest, NotFound
from im_api.queries import HubNotReady
from im_api.queries.account_overview import get_now
from inbox.formatting import script_words
from inbox.pages.accounts import list_details
from inbox.pages.address import parse_address
from inbox.pages.banner import DISMISSED_COOKIE, make_banner, parse_dismissed
from inbox.pages.inbox import MAX_ROWS, ROWS, Rail, read_inbox, read_rail
from inbox.pages.live_words import live_words
from inbox.pages.pane import Pane, read_conversation, read_discussion
from inbox.preferences import WAITING, in_language, theme_of, waiting_of

Read = Callable[[Principal, Rail], dict[str, Any]]

PART_HEADER: Final = "IMHub-Part"
PARTS: Final = {"pane": "inbox/pane.html", "rows": "inbox/rows.html", "messages": "inbox/messages.html"}


def page(view: Any) -> Any:
    """GET only, for who is signed in, in their language, never kept by a cache."""
    return require_safe(never_cache(login_required(in_language(view))))


@page
def home(request: HttpRequest) -> HttpResponse:
    return _answer(request, "list", None)


@page
def conversation(request: HttpRequest, item_id: str) -> HttpResponse:
    given = request.GET.get("older"), request.GET.get("line")
    return _answer(request, "thread", lambda principal: read_conversation(principal, item_id, *given))


@page
def discussion(request: HttpRequest, item_id: str) -> HttpResponse:
    return _answer(request, "thread", lambda principal: read_discussion(principal, item_id))


@page
def accounts(request: HttpRequest) -> HttpResponse:
    """Who needs something stands first."""

    def read(principal: Principal, rail: Rail) -> dict[str, Any]:
        return {"accounts": list_details(principal, rail.by_need)}

    return show_frame(request, "inbox/accounts.html", "accounts", read)


@page
def me(request: HttpRequest) -> HttpResponse:
    chosen = waiting_of(request)
    limits = [(value, *value.split("-"), value == chosen) for value in WAITING]
    return show_frame(request, "inbox/me.html", "me", lambda *_: {"waiting_limits": limits})


def _answer(request: HttpRequest, view: str, read_pane: Any) -> HttpResponse:
    """An open thread stands beside the list that its address asks for. 404 for what is not granted."""
    principal, address = get_principal(request), parse_address(request.GET)
    part = PARTS.get(request.headers.get(PART_HEADER, ""))
    try:
        pane: Pane | None = read_pane(principal) if read_pane is not None else None
        inbox = None if part == PARTS["messages"] else read_inbox(principal, address, *_window(request), pane)
    except HubNotReady:
        return show_starting(request)
    except (NotFound, BadRequest) as error:
        raise Http404(error.message) from None
    context = {"view": view, "inbox": inbox, "rail": inbox.rail if inbox else None, "pane": pane, "address": address}
    return _render(request, part or "inbox/page.html", context)


def _window(request: HttpRequest) -> tuple[int, str | None]:
    """How many rows, and from where on. An open page asks again for as many as it shows."""
    count = request.GET.get("count", "")
    return min(int(count), MAX_ROWS) if count.isascii() and count.isdigit() and 0 < len(count) < 6 else ROWS, (
        request.GET.get("cursor") or None
    )


def show_frame(request: HttpRequest, template: str, view: str, read: Read, status: int = 200) -> HttpResponse:
    """A page with the rail; `read` adds to what `template` shows."""
    principal = get_principal(request)
    try:
        rail = read_rail(principal)
        return _render(request, template, {"view": view, "rail": rail, **read(principal, rail)}, status)
    except HubNotReady:
        return show_starting(request)


def show_starting(request: HttpRequest) -> HttpResponse:
    return _render(request, "inbox/starting.html", {"view": "starting"}, status=503)


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    common = {"theme": theme_of(request), "script_words": script_words() | live_words()}
    if rail := context.get("rail"):
        common |= _banner(request, rail)
    answer = render(request, template, common | context, status=status)
    patch_vary_headers(answer, [PART_HEADER, "Accept-Language", "Cookie"])
    return answer


def _banner(request: HttpRequest, rail: Rail) -> dict[str, Any]:
    now, dismissed = get_now(), parse_dismissed(request.COOKIES.get(DISMISSED_COOKIE, ""))
    is_owner = bool(getattr(request.user, "is_staff", False))
    return {"now": now, "banner": make_banner(rail.cards, now, is_owner=is_owner, dismissed=dismissed)}


def get_principal(request: HttpRequest) -> Principal:
    """The session was checked against the database, so a user that memory does not know yet is read anew."""
    user_id = int(request.user.pk or 0)
    found = get_access().by_user_id(user_id) or reload().by_user_id(user_id)
    assert found is not None
    return found
