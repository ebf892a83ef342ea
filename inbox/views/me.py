"""The page of the person and of the device: language, colours, notices, signing out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from inbox.preferences import WAITING, waiting_of
from inbox.views.frame import page, show_frame


@page
def me(request: HttpRequest) -> HttpResponse:
    """Show the choices of this device."""
    chosen = waiting_of(request)
    limits = [(value, *value.split("-"), value == chosen) for value in WAITING]
    return show_frame(request, "inbox/device/me.html", "me", lambda *_: {"waiting_limits": limits})
