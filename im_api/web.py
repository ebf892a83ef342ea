"""The pages for people: signing in, and what is going on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from im_api.access import Principal, get_access, reload
from im_api.queries import HubNotReady
from im_api.queries.home import read_home

MAX_USERNAME: Final = 150

login = LoginView.as_view(template_name="login.html", redirect_authenticated_user=True)
_log_out = LogoutView.as_view()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def logout(request: HttpRequest) -> HttpResponseBase:
    """Asks first when it is only an address: a link or a picture elsewhere must not sign anybody out."""
    if request.method == "POST":
        return _log_out(request)
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    return render(request, "logout.html")


def attempted_username(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Under which name a failed login is counted. A longer one than any user has would not fit its column."""
    return str((credentials or request.POST).get("username") or "")[:MAX_USERNAME]


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,  # noqa: ARG001  # the signature that the library calls
    credentials: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """429, with the time after which the lock ends by itself."""
    attempts = AxesDatabaseHandler().get_user_attempts(
        request, credentials or getattr(request, "axes_credentials", None)
    )[0]
    newest = attempts.aggregate(newest=Max("attempt_time"))["newest"] or timezone.now()
    wait = max(newest + (get_cool_off(request) or timedelta()) - timezone.now(), timedelta(seconds=1))
    answer = render(request, "locked.html", {"minutes": math.ceil(wait / timedelta(minutes=1))}, status=429)
    answer.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_safe
@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", _read(request))


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The part of the home page that changes. 401 when signed out: a redirect would land in the middle of the page."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return render(request, "home_live.html", _read(request))


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        return {"home": read_home(_principal(request))}
    except HubNotReady:
        return {"home": None}


def _principal(request: HttpRequest) -> Principal:
    """The session was checked against the database, so a user that memory does not know yet is read anew."""
    user_id = int(request.user.pk or 0)
    found = get_access().by_user_id(user_id) or reload().by_user_id(user_id)
    assert found is not None
    return found
