"""The address of a client, as everything behind this reads it: an IP address, or nothing."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin


class ClientAddressMiddleware(MiddlewareMixin):
    """Makes `REMOTE_ADDR` an IP address without a zone, or "".

    A proxy may hand on anything in its place, and a database takes only addresses.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Replace the address before anybody reads it."""
        request.META["REMOTE_ADDR"] = parse_address(request.META.get("REMOTE_ADDR", ""))


def parse_address(text: str) -> str:
    """Return the IP address in `text` without its zone ("fe80::1%eth0"), or "" when it is none."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


def get_client_address(request: HttpRequest) -> str | None:
    """Return the client's address for django-axes; None when it is not known."""
    return request.META.get("REMOTE_ADDR") or None
