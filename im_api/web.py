"""The pages for people: signing in, and what is going on."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from im_api.access import Principal, get_access, reload
from im_api.queries import HubNotReady
from im_api.queries.home import read_home

login = LoginView.as_view(template_name="login.html", redirect_authenticated_user=True)
logout = LogoutView.as_view()


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
