"""Says what a browser may do with our pages, and refuses addresses that lead to none."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

API_PREFIX = "/api/"
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
    """Answers 404 for NUL in a path, and 400 for one in the query string of an admin page.

    PostgreSQL holds none in a text, files have none in their names, and Django asks for both all the same.
    """

    def process_request(self, request: HttpRequest) -> None:
        if "\0" in request.path_info and not request.path_info.startswith(API_PREFIX):  # which finds no such id
            raise Http404("NUL in the path")
        if request.path_info.startswith(ADMIN_PREFIX) and "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
