"""Says what a browser may do with our pages, and refuses addresses that lead to none."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

ADMIN_PREFIX = "/admin/"
POLICY_HEADER = "Content-Security-Policy"


def make_policy(media_hosts: Sequence[str]) -> str:
    """Return the Content-Security-Policy: only what we serve ourselves, and pictures of `media_hosts`.

    `data:` is for login codes, which are drawn here.
    """
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["img-src 'self' data:", *media_hosts]),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class SecurityHeadersMiddleware(MiddlewareMixin):
    """Adds the Content-Security-Policy to every answer that has none of its own."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault(POLICY_HEADER, settings.CONTENT_SECURITY_POLICY)
        return response


class RefuseNulMiddleware(MiddlewareMixin):
    """Answers 400 for NUL in the address of an admin page.

    PostgreSQL holds none in a text, and Django asks it all the same.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(ADMIN_PREFIX):
            return
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
