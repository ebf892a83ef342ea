"""The address of a client, as everything behind this reads it: an IP address, or nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

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


def get_source(client: Sequence[object] | None) -> str:
    """Return what the limits for one address count by: an IPv4 address, or the /64 network of an IPv6 address.

    `client`: as ASGI has it, host and port. Whoever has one IPv6 address has all of its network. "": not known.
    """
    try:
        address = ipaddress.ip_address(str(client[0]).partition("%")[0] if client else "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
