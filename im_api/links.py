"""The addresses at which the platform shows a person or a work."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from django.conf import settings

from im_api.queries import AuthorizedAccount
from sync.protocol.platforms import PLATFORMS, Platform, PlatformPage


def person_link(authorized: AuthorizedAccount, user_id: str | None) -> str | None:
    """Return the address of a person's page, None where the platform has no page under such an id."""
    platform = PLATFORMS.get(authorized.account.platform)
    return _link(authorized, platform, platform.person_page, user_id) if platform is not None else None


def work_link(authorized: AuthorizedAccount, platform_id: str | None, given: str | None) -> str | None:
    """Return the address of a work's page: `given`, which came with the work, or one made of its id."""
    if given is not None and _is_web(given):
        return given
    platform = PLATFORMS.get(authorized.account.platform)
    return _link(authorized, platform, platform.work_page, platform_id) if platform is not None else None


def _link(authorized: AuthorizedAccount, platform: Platform, page: PlatformPage, item_id: str | None) -> str | None:
    """An account's own `config` may lead to another site; the demo's does."""
    if item_id is None or not re.fullmatch(page.ids, item_id, re.ASCII):
        return None
    usual = settings.PLATFORM_SETTINGS.get(platform.setting_of(platform.site), platform.addresses[platform.site])
    site = authorized.account.config.get(platform.site) or usual
    if not isinstance(site, str) or not _is_web(site):
        return None
    return site.rstrip("/") + page.path.format(id=quote(item_id, safe=""))


def _is_web(address: str) -> bool:
    """Return whether a browser may be sent to `address`: anything else (`javascript:`) could do harm."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
