"""Errors say what to do next."""


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
