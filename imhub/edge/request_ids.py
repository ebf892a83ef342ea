"""Gives each server error an id: a person reads it out, and the log has it."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

HEADER = "IMHub-Request"

log = logging.getLogger(__name__)


class RequestIdMiddleware(MiddlewareMixin):
    """Adds the header to answers with status 500. What asks to come back later (503) is no error."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == 500:
            response.headers[HEADER] = secrets.token_hex(4)
            log.error("request %s failed: %s %s", response.headers[HEADER], request.method, request.path)
        return response
