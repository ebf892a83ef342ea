"""Where the platform shows a person or a work. The templates are `settings.PLATFORM_LINKS`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from im_api.queries import AuthorizedAccount


def person_link(authorized: AuthorizedAccount, user_id: str | None) -> str | None:
    """None: the platform has no page under such an id."""
    return _link(authorized, "person", user_id)


def work_link(authorized: AuthorizedAccount, platform_id: str | None, given: str | None) -> str | None:
    """`given`: the address that came with the work, if any."""
    return given if given is not None and _is_web(given) else _link(authorized, "work", platform_id)


def _link(authorized: AuthorizedAccount, kind: str, platform_id: str | None) -> str | None:
    links: dict[str, Any] | None = settings.PLATFORM_LINKS.get(authorized.account.platform)
    if links is None or platform_id is None:
        return None
    pattern, path = cast(tuple[str, str], links[kind])
    site = authorized.account.config.get(links["site_in_config"]) or links["site"]
    if not re.fullmatch(pattern, platform_id, re.ASCII) or not isinstance(site, str) or not _is_web(site):
        return None
    return site.rstrip("/") + path.format(id=quote(platform_id, safe=""))


def _is_web(address: str) -> bool:
    """What a browser may be sent to: anything else (`javascript:`) could do harm."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
