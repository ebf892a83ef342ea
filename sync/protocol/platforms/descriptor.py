"""The description of a platform that the hub and its clients need: a value without behaviour."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class PlatformPage(Struct, frozen=True):
    """A page of the platform for one item. `ids`: a pattern of the ids that have a page. `path`: with `{id}`."""

    ids: str
    path: str


class Platform(Struct, frozen=True, kw_only=True):
    """One platform. `name`: as accounts, the wire and the API call it. `labels`: as people call it, by language code;
    `en` is always there. `addresses`: its sites by key; the setting `<NAME>_<KEY>` overrides each. `site`: key of the
    address below which people and works are shown; an account's `config` may override it under the same key.
    `config_keys`: what else its worker reads of that `config`. `media_hosts`: sources of its pictures for the
    Content-Security-Policy. `emoji`: its codes, without the brackets."""

    name: str
    labels: Mapping[str, str]
    addresses: Mapping[str, str]
    site: str
    person_page: PlatformPage
    work_page: PlatformPage
    media_hosts: tuple[str, ...]
    emoji: Mapping[str, str]
    config_keys: tuple[str, ...] = ()

    def setting_of(self, address: str) -> str:
        """Return the name of the setting that overrides `address`, for example DOUYIN_WWW_URL."""
        return f"{self.name}_{address}".upper()
