"""Logging an account in: a page that scripts show as a dialog; and the page of the link for whoever holds the phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from im_api.access import Principal
from im_api.errors import Conflict, Forbidden, NotFound
from im_api.queries import HubNotReady
from im_api.queries.login.links import (
    LINK_VALID_MS,
    LinkedLogin,
    get_linked,
    hand_in_code_by_link,
    make_link,
    take_link,
)
from im_api.queries.login.logins import begin_login, get_login, hand_in_code
from inbox.pages.login.dialog import make_dialog
from inbox.preferences import in_language, theme_of
from inbox.views.frame import get_principal, show_frame, show_starting

CODE: Final = re.compile(r"[A-Za-z0-9]{4,8}")
COOKIE: Final = "imhub_scan"
CONFLICT: Final = 409
WRONG: Final = 422
_TEMPLATE: Final = "inbox/login/page.html"


def for_operators(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Decorate a view of whoever may act for an account: 404 for one that is not granted, 403 with a read grant."""

    @wraps(view)
    def guarded(request: HttpRequest, account_id: str) -> HttpResponseBase:
        principal = get_principal(request)
        try:
            authorized, _ = get_login(principal, account_id)
            if authorized.grant == "read":
                raise PermissionDenied
            return view(request, principal, account_id)
        except NotFound as error:
            raise Http404(error.message) from None
        except Forbidden as error:
            raise PermissionDenied from error
        except HubNotReady:
            return show_starting(request)

    return never_cache(login_required(in_language(guarded)))


@require_http_methods(["GET", "HEAD", "POST"])
@for_operators
def login(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    """Show how the login stands; POST begins one."""
    status = 200
    if request.method == "POST":
        try:
            begin_login(principal, account_id)
        except Conflict:
            status = CONFLICT  # the dialog says what stands in the way
    return _show(request, principal, account_id, status)


@require_POST
@for_operators
def code(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    """Take the typed `code` of the second step."""
    typed = request.POST.get("code", "").strip()
    if not CODE.fullmatch(typed):
        return _show(request, principal, account_id, WRONG, wrong=_format_wrong())
    try:
        hand_in_code(principal, account_id, typed)
    except Conflict:
        return _show(request, principal, account_id, CONFLICT)
    return _show(request, principal, account_id)


@require_POST
@for_operators
def link(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    """Make the link for whoever holds the phone, and show it."""
    try:
        _, made = make_link(principal, account_id)
    except Conflict:
        return _show(request, principal, account_id, CONFLICT)
    public = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    address = public + reverse("scan", args=[made.secret])
    return _show(request, principal, account_id, address=address, minutes=LINK_VALID_MS // 60_000)


def _show(
    request: HttpRequest, principal: Principal, account_id: str, status: int = 200, **context: Any
) -> HttpResponse:
    authorized, current = get_login(principal, account_id)
    shown = {
        "dialog": make_dialog(authorized, current),
        "login_path": reverse("account-login", args=[account_id]),
        "code_path": reverse("account-login-code", args=[account_id]),
        "link_path": reverse("account-login-link", args=[account_id]),
        **context,
    }
    return show_frame(request, _TEMPLATE, "accounts", lambda *_: shown, status)


def _format_wrong() -> str:
    return gettext("A code has four to eight digits or letters.")


# -- the link


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_language
def scan(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show the login code of one account to whoever has its link, without a sign-in.

    The first browser that asks for the code takes the link: one that only looks at the address, as chat apps do for a
    preview, does not.
    """
    try:
        return _scan(request, secret, request.COOKIES.get(COOKIE, ""))
    except NotFound:
        return _show_link(request, 404)
    except HubNotReady:
        return _show_link(request, 503)


def _scan(request: HttpRequest, secret: str, key: str) -> HttpResponse:
    linked, status, wrong = get_linked(secret, key), 200, ""
    if linked.is_taken and not linked.is_mine:
        return _show_link(request, 410)
    if request.method == "POST" and "code" in request.POST:
        status, wrong = _hand_in(secret, key, request.POST["code"].strip())
    elif request.method == "POST":
        try:
            key = take_link(secret, key)
        except Conflict:
            status = CONFLICT
    answer = _show_link(request, status, get_linked(secret, key), wrong=wrong)
    answer.set_cookie(
        COOKIE,
        key,
        max_age=LINK_VALID_MS // 1000,
        path=request.path,
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _hand_in(secret: str, key: str, typed: str) -> tuple[int, str]:
    """Return (the status of the answer, what is wrong with the code)."""
    if not CODE.fullmatch(typed):
        return WRONG, _format_wrong()
    try:
        hand_in_code_by_link(secret, key, typed)
    except Conflict:
        return CONFLICT, ""
    return 200, ""


def _show_link(request: HttpRequest, status: int, linked: LinkedLogin | None = None, wrong: str = "") -> HttpResponse:
    dialog = make_dialog(linked.authorized, linked.login) if linked is not None else None
    context = {
        "theme": theme_of(request),
        "dialog": dialog,
        "status": status,
        "wrong": wrong,
        "login_path": request.path,
    }
    return render(request, "inbox/login/link.html", context | {"code_path": request.path}, status=status)
