"""The errors of the worker. Each says what to do next."""

import re
from typing import Final

from sync.protocol.text import well_formed

MAX_WORDS: Final = 120
MAX_BRIEF: Final = 200
_NET_ERROR: Final = re.compile(r"net::ERR_\w+")
_QUERY: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#]*)[?#]\S*", re.IGNORECASE)


def cut_words(words: object) -> str:
    """Return words of a platform or a browser, fit for a log.

    That is their first line, at most 120 characters, with addresses cut before `?` or `#`.
    """
    lines = well_formed(str(words)).strip().splitlines()
    return _QUERY.sub(r"\1", lines[0])[:MAX_WORDS] if lines else ""


class CrawlError(Exception):
    """Base of all. `retryable`: worth another try after a backoff, without a person."""

    retryable = False


class Retryable(CrawlError):
    """Slow, cut or refused for now (also the platform's own "too fast"): try again after a backoff."""

    retryable = True


class SlowDown(Retryable):
    """The platform asks to slow down: leave the account alone for a while."""


_TOO_FAST: Final = re.compile("频繁|too (?:fast|many)", re.IGNORECASE)


def refusal(words: str, *, status: int = 200) -> Retryable:
    """Return the error for a refusal of the platform in its `words`, or with an HTTP `status`."""
    return SlowDown(words) if status == 429 or _TOO_FAST.search(words) else Retryable(words)


class LoginLost(CrawlError):
    """The session is no longer the owner's: a person must log in again."""


class Kicked(LoginLost):
    """The platform itself ended the session, most likely because of another login."""


class CheckAsked(Retryable):
    """The platform shows a check that a person must pass; until then nothing is opened. `url`: where, never logged."""

    def __init__(self, words: str, url: str = "") -> None:
        super().__init__(words)
        self.url = url


class LoginTimeout(CrawlError):
    """Nobody scanned the code in time. The account counts as not logged in; the login page is opened again later,
    or at once when somebody asks."""

    retryable = True


class PageChanged(CrawlError):
    """The page answered, but not in the shape we know: a person must change the adapter. Other surfaces go on."""


class PageMoved(PageChanged):
    """The page is not at its address any more. The first word of its message is the old address."""


class AccountRefused(CrawlError):
    """This account cannot be crawled here: unknown platform, another person's login, bad configuration."""


class WrongAccount(AccountRefused):
    """The phone logged another person in. That login is dropped, and the owner's phone may scan the next code."""


class NotPressed(CrawlError):
    """A reply was not sent, and nothing was pressed for it: to try again is safe. `code`: why, for programs."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(words or code)
        self.code = code


def brief(error: Exception) -> str:
    """Return what of an error may leave this machine: our own words, never a page's.

    The hub parses it: `sync/protocol/failure_reports.py` has its form.
    """
    if isinstance(error, CrawlError):
        return f"{type(error).__name__}: {error}"[:MAX_BRIEF]
    found = _NET_ERROR.search(str(error))
    return f"{type(error).__name__}: {found.group()}" if found else type(error).__name__
