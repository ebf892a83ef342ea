"""What follows from the address under which people's browsers find the hub. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit


def add_public_host(hosts: Sequence[str], public_url: str) -> list[str]:
    """Return the host names that the hub answers to: `hosts`, and that of the public address."""
    public = urlsplit(public_url).netloc.rpartition("@")[2]
    name = public if public.endswith("]") else public.rpartition(":")[0] or public
    return [*hosts] if not name or name in hosts else [*hosts, name]


def list_trusted_origins(hosts: Sequence[str], public_url: str, *, secure: bool) -> list[str]:
    """Return the origins that are ours although the request that arrives looks otherwise, for CSRF and websockets.

    A proxy may have ended TLS, or listen on another port. Without a public address an owner who says `secure` has such
    a proxy in front of `hosts`; any other hub is an http hub, and an https page is somebody else's.
    """
    if public_url:
        return [public_url]
    return [f"https://{'*' if host.startswith('.') else ''}{host}" for host in hosts if host != "*"] if secure else []
