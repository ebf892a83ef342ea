"""The frame that all pages of the inbox share: who asks, the rail beside the page, the banner above it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from im_api.access import Principal, get_access, reload
from im_api.errors import ClientLeft
from im_api.queries import HubNotReady
from im_api.queries.account_overview import get_now
from im_api.queries.scope import one_moment, wait_for_other_hubs
from im_api.queries.status import get_ailment
from inbox.formatting import MINUTE
from inbox.pages.address import UnknownValue
from inbox.pages.banner import DISMISSED_COOKIE, make_banner, parse_dismissed
from inbox.pages.rail import Rail, read_rail
from inbox.preferences import get_waiting_limits, in_language, theme_of
from inbox.script_words import list_script_words

ReadContext = Callable[[Principal, Rail], dict[str, Any]]

PART_HEADER: Final = "IMHub-Part"
"""A script asks with it for one part of a page."""


def page(view: Any) -> Any:
    """Decorate a view: GET only, signed in, in the language of the device, of one moment, never kept by a cache."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        wait_for_other_hubs()  # who wrote, or was told of a change, at another one looks for it here
        try:
            with one_moment():
                return cast(HttpResponse, view(request, **kwargs))
        except UnknownValue as unknown:
            context = {"view": "unknown", "unknown": unknown}
            return render_page(request, "inbox/page/unknown_value.html", context, status=400)
        except ClientLeft as left:
            return HttpResponse(status=left.status_code)

    return require_safe(never_cache(login_required(in_language(answer))))


def show_frame(
    request: HttpRequest, template: str, view: str, read_context: ReadContext, status: int = 200
) -> HttpResponse:
    """Answer with `template` beside the rail; `read_context` adds what the template shows."""
    principal = get_principal(request)
    try:
        rail = read_rail(principal)
        return render_page(request, template, {"view": view, "rail": rail, **read_context(principal, rail)}, status)
    except HubNotReady:
        return show_starting(request)


def show_starting(request: HttpRequest) -> HttpResponse:
    """Answer 503 with a page that asks again by itself."""
    return render_page(request, "inbox/page/starting.html", {"view": "starting"}, status=503)


def render_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Answer with `template`, the colours, the words of the scripts and, beside a rail, the banner."""
    common: dict[str, Any] = {
        "theme": theme_of(request),
        "script_words": list_script_words(),
        "patience_ms": [minutes * MINUTE for minutes in get_waiting_limits()],
    }
    if rail := context.get("rail"):
        common |= _banner(request, rail)
    answer = render(request, template, common | context, status=status)
    patch_vary_headers(answer, [PART_HEADER, "Accept-Language", "Cookie"])
    return answer


def _banner(request: HttpRequest, rail: Rail) -> dict[str, Any]:
    now, dismissed = get_now(), parse_dismissed(request.COOKIES.get(DISMISSED_COOKIE, ""))
    is_owner = bool(getattr(request.user, "is_staff", False))
    banner = make_banner(rail.cards, now, is_owner=is_owner, dismissed=dismissed, ailment=get_ailment())
    return {"now": now, "banner": banner}


def get_principal(request: HttpRequest) -> Principal:
    """Return who asks. A user that memory does not know yet is read anew: the database has checked the session."""
    user_id = int(request.user.pk or 0)
    found = get_access().by_user_id(user_id) or reload().by_user_id(user_id)
    assert found is not None
    return found
