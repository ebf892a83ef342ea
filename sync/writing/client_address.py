"""From where somebody asks."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """None for what is no address: a proxy may hand on anything, and a database does not take it."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return None


def format_address(request: HttpRequest) -> str:
    """For people."""
    return client_address(request) or "unknown"
