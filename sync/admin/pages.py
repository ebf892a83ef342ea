"""Pages between an action and its effect: the question before it, and the secret that is shown once after it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

CONFIRMED = "confirmed"


def is_confirmed(request: HttpRequest) -> bool:
    """Return whether the question of `ask` was answered with yes."""
    return CONFIRMED in request.POST


def ask(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    action: str,
    title: str,
    says: str,
    button: str,
    losses: Iterable[str] = (),
    form: forms.Form | None = None,
) -> HttpResponse:
    """Return the page that asks before an action. It posts the action again. `losses`: one line a row."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "says": says,
        "losses": list(losses),
        "form": form,
        "button": button,
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
        "confirmed": CONFIRMED,
        "ids": [row.pk for row in rows],
        "opts": rows.model._meta,
    }
    return TemplateResponse(request, "admin/ask.html", context)


@never_cache
def show_secret(
    request: HttpRequest, row: Any, *, title: str, secret: str, says: str, command: str = ""
) -> HttpResponse:
    """Return the page with the secret, without a redirect: so it is in no cookie, no session and no database."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "secret": secret,
        "says": says,
        "command": command,
        "opts": row._meta,
    }
    return TemplateResponse(request, "admin/secret.html", context)
