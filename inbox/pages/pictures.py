"""Pictures that a browser loads: the Content-Security-Policy allows them. Others are not even tried."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings


def allowed_picture(url: str | None) -> str | None:
    """The address, or None for one that the browser would refuse."""
    if not url or not settings.PICTURES:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    return url if any(_matches(source, parts.scheme, host, port) for source in sources()) else None


def sources() -> Sequence[str]:
    return settings.MEDIA_HOSTS


def _matches(source: str, scheme: str, host: str, port: int | None) -> bool:
    """Match as a browser does: `host` or `*.host`, each with an optional scheme and port."""
    wanted_scheme, _, rest = source.rpartition("://")
    wanted_host, _, wanted_port = rest.partition(":")
    if wanted_scheme and wanted_scheme != scheme:
        return False
    if wanted_port not in ("", "*") and wanted_port != str(port or (443 if scheme == "https" else 80)):
        return False
    if not wanted_port and port is not None:
        return False
    return host.endswith(wanted_host[1:]) if wanted_host.startswith("*.") else host == wanted_host
