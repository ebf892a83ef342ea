"""The pages around a session: signing in, being locked out, signing out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from inbox.preferences import in_language, theme_of

MAX_USERNAME: Final = 150


class _Login(LoginView):
    template_name = "login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(theme=theme_of(self.request), **kwargs)


login = in_language(_Login.as_view())
_log_out = LogoutView.as_view()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_language
def logout(request: HttpRequest) -> HttpResponseBase:
    """Asks first when it is only an address: a link or a picture elsewhere must not sign anybody out."""
    if request.method == "POST":
        return _log_out(request)
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    return render(request, "logout.html", {"theme": theme_of(request)})


def attempted_username(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the name under which a failed login is counted, cut to what fits its column."""
    return str((credentials or request.POST).get("username") or "")[:MAX_USERNAME]


@in_language
def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,
    credentials: Mapping[str, Any] | None = None,
    wait_s: int | None = None,
) -> HttpResponse:
    """Answer 429, with the time after which the lock ends by itself. `wait_s`: that time; None: that of the name."""
    is_address = wait_s is not None
    if wait_s is None:
        wait_s = _wait_of_name(request, credentials or getattr(request, "axes_credentials", None))
    context = {"minutes": math.ceil(wait_s / 60), "is_address": is_address, "theme": theme_of(request)}
    answer = render(request, "locked.html", context, status=429)
    answer.headers["Retry-After"] = str(wait_s)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wait_of_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> int:
    """Return how many seconds the lock of this name still lasts."""
    attempts = AxesDatabaseHandler().get_user_attempts(request, credentials)[0]
    newest = attempts.aggregate(newest=Max("attempt_time"))["newest"] or timezone.now()
    wait = max(newest + (get_cool_off(request) or timedelta()) - timezone.now(), timedelta(seconds=1))
    return math.ceil(wait.total_seconds())
