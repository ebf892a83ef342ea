"""The admin speaks the language of its user, as the inbox does; the API keeps its one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from imhub.conf.security_headers import ADMIN_PREFIX


class AdminLanguageMiddleware(MiddlewareMixin):
    """Answers admin pages in the language that the device chose in the inbox, else that its browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(ADMIN_PREFIX):
            translation.activate(translation.get_language_from_request(request))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path_info.startswith(ADMIN_PREFIX):
            response.headers.setdefault("Content-Language", translation.get_language() or "")
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            # The thread answers other requests next.
            translation.deactivate()
        return response
