"""Errors say what to do next."""

import re
from typing import Final

MAX_WORDS: Final = 120
_QUERY: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#]*)[?#]\S*", re.IGNORECASE)


def cut_words(words: object) -> str:
    """Words of a platform or a browser, fit for a log: the first line, addresses without what they ask for."""
    lines = str(words).strip().splitlines()
    return _QUERY.sub(r"\1", lines[0])[:MAX_WORDS] if lines else ""


class CrawlError(Exception):
    """Base. `retryable`: worth another try after a backoff, without a person."""

    retryable = False


class Retryable(CrawlError):
    """Slow, cut or refused for now (also the platform's own "too fast"). Try again after a backoff."""

    retryable = True


class LoginLost(CrawlError):
    """The session is no longer the owner's. A person must log in again."""


class LoginTimeout(CrawlError):
    """Nobody scanned the code in time. Shown as not logged in; the login page is opened again later."""

    retryable = True


class PageChanged(CrawlError):
    """The page answered, but not in the shape we know. A person must change the adapter; other surfaces go on."""


class AccountRefused(CrawlError):
    """This account cannot be crawled here: unknown platform, another person's login, bad configuration."""
