"""Language and colours, kept per device in two cookies, so that the first paint has them already."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "imhub_theme"
YEAR_S: Final = 365 * 24 * 3600


def in_language(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answers in the language that this device chose, else in the one its browser asks for. The API and the admin
    have one language."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            response = view(request, *args, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
            return response  # type: ignore[no-any-return]

    return answer


def theme_of(request: HttpRequest) -> str:
    theme = request.COOKIES.get(THEME_COOKIE)
    return theme if theme in THEMES else THEMES[0]


@require_POST
def preferences(request: HttpRequest) -> HttpResponseRedirect:
    """`language` and `theme`, each if given; then back to `next`."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    answer = HttpResponseRedirect(back)
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language in dict(settings.LANGUAGES):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, str(language))
    if theme in THEMES:
        _remember(answer, THEME_COOKIE, str(theme))
    return answer


def _remember(answer: HttpResponseRedirect, name: str, value: str) -> None:
    secure = settings.SECURE_COOKIES
    answer.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=secure, httponly=True)
