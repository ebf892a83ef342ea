"""The account's `config` and the addresses of the site, checked once."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from crawler.errors import AccountRefused

_SETTINGS = {"creator_url": "DOUYIN_CREATOR_URL", "www_url": "DOUYIN_WWW_URL", "im_url": "DOUYIN_IM_URL"}

Seconds = Annotated[float, Meta(gt=0)]
Number = Annotated[int, Meta(ge=1)]


class Config(Struct, frozen=True, kw_only=True):
    """The way an account is observed. Times are seconds; keys not named here belong to others.

    `pace`: 1 is a person's. `patience`: the least share of a person's waits for what may never come, at any pace.
    `page_s`: the least time a page gets to draw itself. `max_works` bounds one observation of comments. `intervals`:
    the owner's own, by surface. `read_notices`: open the panel of notices, which marks them read at the platform.
    `read_history`: open conversations that have nothing unread, one at a time while nobody writes, to read what is
    older than the page loads by itself.
    `answer_s`: how long to wait for an answer that is under way. `reload_s`: the age at which the page of messages is
    loaded again although all is heard.
    `evidence_s`: how long to look for what became of a reply that was pressed.
    `window_s`: how long a text stands in a window for its person to press Enter.
    `check_s`: how long a check stays in front of whoever sits there before it is looked at anew.
    `login_timeout_s`, `qr_load_s`, `qr_life_s`, `qr_refreshes`: how long a login, the first code and each code may
    take, and how often a code is replaced.
    """

    creator_url: str = "https://creator.douyin.com"
    www_url: str = "https://www.douyin.com"
    im_url: str = "https://imapi.douyin.com"
    pace: Annotated[float, Meta(ge=0, le=20)] = 1.0
    patience: Annotated[float, Meta(gt=0)] = 0.25
    page_s: Seconds = 5.0
    max_works: Number = 30
    intervals: Mapping[str, float] = {}
    read_notices: bool = False
    read_history: bool = False
    answer_s: Seconds = 25.0
    reload_s: Seconds = 4 * 3600.0
    evidence_s: Seconds = 45.0
    window_s: Seconds = 585.0
    check_s: Seconds = 600.0
    login_timeout_s: Seconds = 300.0
    qr_load_s: Seconds = 30.0
    qr_life_s: Seconds = 150.0
    qr_refreshes: Annotated[int, Meta(ge=0)] = 3


def read_config(given: Mapping[str, Any], settings: Mapping[str, str]) -> Config:
    """Return the configuration; what the account says goes before the settings.

    Raises AccountRefused with the reason.
    """
    addresses = {key: settings[name] for key, name in _SETTINGS.items() if settings.get(name)}
    try:
        config = msgspec.convert({**addresses, **given}, Config)
    except msgspec.ValidationError as error:
        raise AccountRefused(f"bad config: {error}") from error
    for key in _SETTINGS:
        if urlsplit(getattr(config, key)).scheme not in ("http", "https"):
            raise AccountRefused(f"bad config: {key} is no http address")
    return config
