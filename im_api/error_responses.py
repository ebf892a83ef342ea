"""The one door through which every error below /api/ becomes an answer in the envelope."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    SynchronousOnlyOperation,
    TooManyFieldsSent,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.views import defaults
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from im_api.errors import ApiError, NotReady
from im_api.queries.database_errors import describe_trouble, is_disk_full
from im_api.renderers import encode
from im_api.shapes.common import ConflictFailure, Failure

API_PREFIX: Final = "/api/"

logger = logging.getLogger(__name__)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Raises SynchronousOnlyOperation again: the request is then sent once more through a thread."""
    if isinstance(error, SynchronousOnlyOperation):
        raise error
    status, message = _describe(error)
    if status == 500:
        request = context.get("request")
        logger.error("%s %s failed", getattr(request, "method", "?"), getattr(request, "path", "?"), exc_info=error)
    data = error.data if isinstance(error, ApiError) else None
    return Response(_failure(status, message, data), status=status, headers=_headers(error))


def _describe(error: Exception) -> tuple[int, str]:
    if isinstance(error, ApiError):
        return error.status_code, error.message
    if isinstance(error, APIException):
        return error.status_code, str(error.detail)
    if isinstance(error, Http404):
        return 404, "Not found"
    if isinstance(error, PermissionDenied):
        return 403, "Not allowed"
    if (trouble := describe_trouble(error)) is not None:
        return 503, trouble
    if isinstance(error, RequestDataTooBig):
        return too_large()
    if isinstance(error, TooManyFieldsSent):
        return 400, f"Too many parameters: {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} at most"
    if isinstance(error, DisallowedHost):
        return 400, "This hub does not answer to that host name (IMHUB_ALLOWED_HOSTS)"
    if isinstance(error, SuspiciousOperation):
        return 400, "Bad request"
    return 500, "Internal error"


def too_large() -> tuple[int, str]:
    return 413, f"The body is too large: {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes at most"


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    auth_header = getattr(error, "auth_header", None)  # set by the framework
    if auth_header:
        headers["WWW-Authenticate"] = auth_header
    retry_after = getattr(error, "retry_after", None) or getattr(error, "wait", None)
    if describe_trouble(error) is not None:
        retry_after = NotReady.retry_after
    if retry_after:
        headers["Retry-After"] = f"{retry_after:.0f}"
    return headers


def _failure(status: int, message: str, data: Any = None) -> Failure | ConflictFailure:
    if data is not None:
        return ConflictFailure(status_code=status, status_msg=message, data=data)
    return Failure(status_code=status, status_msg=message)


def failure_response(status: int, message: str) -> HttpResponse:
    """For errors that happen before any view runs."""
    response = HttpResponse(encode(_failure(status, message)), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# The four handlers of the root urls: below /api/ the envelope, elsewhere Django's own pages.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return failure_response(*_describe(exception))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return failure_response(403, "Not allowed")
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return failure_response(404, "Not found")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Called while the error is handled. 503 for a database that cannot serve now, whoever asked it."""
    error = sys.exc_info()[1]
    trouble = describe_trouble(error)
    if trouble is not None:
        return _unavailable(request, trouble, is_full=is_disk_full(error))
    if request.path.startswith(API_PREFIX):
        return failure_response(500, "Internal error")
    return defaults.server_error(request)


def _unavailable(request: HttpRequest, trouble: str, *, is_full: bool) -> HttpResponseBase:
    """Without the user and the session: both are in the database."""
    if request.path.startswith(API_PREFIX):
        response = failure_response(503, trouble)
    else:
        with translation.override(translation.get_language_from_request(request)):
            response = HttpResponse(render_to_string("unavailable.html", {"is_full": is_full}), status=503)
        response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = str(NotReady.retry_after)
    return response
