"""The headers that say what a browser may do with our pages."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

POLICY_HEADER = "Content-Security-Policy"


def make_policy(media_hosts: Sequence[str]) -> str:
    """Only what we serve ourselves, and pictures of `media_hosts`. `data:` is for login codes, which are drawn here."""
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

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # noqa: ARG002
        response.headers.setdefault(POLICY_HEADER, settings.CONTENT_SECURITY_POLICY)
        return response
