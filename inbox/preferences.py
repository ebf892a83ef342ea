"""Language, colours and patience, kept per device in cookies, so that the first paint has them already."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "imhub_theme"
WAITING_COOKIE: Final = "imhub_waiting"
KIND_COOKIE: Final = "imhub_kind"
"""The kind of rows that the device looked at last; scripts write it."""
WAITING: Final = ("5-15", "10-30", "30-60", "60-240")
"""Minutes after which somebody has waited long, and too long."""
YEAR_S: Final = 365 * 24 * 3600


_waiting: ContextVar[str] = ContextVar("waiting", default=WAITING[1])


def get_waiting_limits() -> tuple[int, int]:
    """Return the minutes after which somebody has waited long, and too long, by the choice of the device."""
    warn, _, bad = _waiting.get().partition("-")
    return int(warn), int(bad)


def in_language(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Decorate a view: it answers in the language that the device chose, else that its browser asks for. The
    API and the admin have one language."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        patience = _waiting.set(waiting_of(request))
        try:
            with translation.override(translation.get_language_from_request(request)):
                response = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()
                return response
        finally:
            _waiting.reset(patience)

    return answer


def theme_of(request: HttpRequest) -> str:
    theme = request.COOKIES.get(THEME_COOKIE)
    return theme if theme in THEMES else THEMES[0]


def waiting_of(request: HttpRequest) -> str:
    waiting = request.COOKIES.get(WAITING_COOKIE)
    return waiting if waiting in WAITING else WAITING[1]


@require_POST
def preferences(request: HttpRequest) -> HttpResponseRedirect:
    """`language`, `theme` and `waiting`, each if given; then back to `next`."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    answer = HttpResponseRedirect(back)
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language in dict(settings.LANGUAGES):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, str(language))
    if theme in THEMES:
        _remember(answer, THEME_COOKIE, str(theme))
    if request.POST.get("waiting") in WAITING:
        _remember(answer, WAITING_COOKIE, request.POST["waiting"])
    return answer


def _remember(answer: HttpResponseRedirect, name: str, value: str) -> None:
    secure = settings.SECURE_COOKIES
    answer.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=secure, httponly=True)
