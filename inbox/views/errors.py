"""Pages for people about what is not there or not allowed. Below /api/ the answer is JSON, as programs expect it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from im_api import error_responses
from inbox.preferences import in_language, theme_of


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404: what was there may have been removed, or somebody may not see it any more."""
    if request.path.startswith(error_responses.API_PREFIX):
        return error_responses.page_not_found(request, exception)
    answer: HttpResponse = _show(request, "inbox/errors/not_found.html", 404)
    return answer


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 403: only an owner may do that."""
    if request.path.startswith(error_responses.API_PREFIX):
        return error_responses.permission_denied(request, exception)
    answer: HttpResponse = _show(request, "inbox/errors/not_allowed.html", 403)
    return answer


@never_cache
@in_language
def _show(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, {"theme": theme_of(request)}, status=status)
