"""Bounds the wrong passwords that come from one address, whatever the names: django-axes counts by name and address."""

from __future__ import annotations

import math
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.module_loading import import_string

from imhub.edge.client_address import get_source
from imhub.edge.lanes import Allowance
from imhub.edge.threads import SIGN_INS

MINUTES = 5


class FailedLoginsMiddleware:
    """Answers 429 before a password is hashed, when an address has failed too often. Who is signed in goes on."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        most = settings.FAILED_LOGINS_PER_ADDRESS
        self._failures = Allowance(most, most / MINUTES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or request.path_info.rstrip("/") not in SIGN_INS:
            return self._get_response(request)
        source = get_source((request.META.get("REMOTE_ADDR", ""),))
        if wait := self._failures.wait_s(source):
            return locked_out(request, math.ceil(wait))
        response = self._get_response(request)
        # A form with a wrong password comes back as it was; what the database could not do is nobody's failure.
        if response.status_code in (200, 429):
            self._failures.charge(source)
        return response


def locked_out(request: HttpRequest, wait_s: int) -> HttpResponse:
    """Return the page of those who have to wait, as for a name that is locked."""
    page: Callable[..., HttpResponse] = import_string(settings.AXES_LOCKOUT_CALLABLE)
    return page(request, wait_s=wait_s)
