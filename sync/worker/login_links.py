"""The links by which whoever holds the phone sees the login code of one account, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sync.protocol.times import Clock

VALID_MS: Final = 10 * 60_000


class Link(Struct, frozen=True, kw_only=True):
    """`user_id`: who made it. `expires_at`: ms UTC. `browser`: the hash of the key of the browser that took it."""

    account_id: str
    user_id: int
    expires_at: int
    browser: str | None = None

    @property
    def is_taken(self) -> bool:
        """Return whether some browser took the link."""
        return self.browser is not None

    def is_of(self, key: str) -> bool:
        """Return whether the browser with this key took the link."""
        return self.browser is not None and secrets.compare_digest(self.browser, _hash(key))


class LoginLinks:
    """The links that are good now, by the hash of their secret: no secret is kept. One link for each account.

    A link is of the browser that takes it first, and ends after VALID_MS. `clock`: ms UTC.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links: dict[str, Link] = {}
        self.share: Callable[[str, dict[str, Link]], None] = lambda _account_id, _links: None
        """Tells other hubs of the links of an account, by the hash of their secret."""

    def make(self, account_id: str, user_id: int) -> tuple[str, int]:
        """Return (the secret of a new link, when it ends in ms UTC). An earlier link of the account ends now."""
        self.end(account_id)
        secret, expires_at = secrets.token_urlsafe(32), self._clock() + VALID_MS
        self._links[_hash(secret)] = Link(account_id=account_id, user_id=user_id, expires_at=expires_at)
        self._tell(account_id)
        return secret, expires_at

    def find(self, secret: str) -> Link | None:
        """Return the link with this secret; None if it is not good any more."""
        link = self._links.get(_hash(secret))
        return link if link is not None and link.expires_at > self._clock() else None

    def take(self, secret: str) -> str | None:
        """Bind the link to a browser, and return the key of that browser. None for a link that another one has."""
        link = self.find(secret)
        if link is None or link.is_taken:
            return None
        key = secrets.token_urlsafe(16)
        self._links[_hash(secret)] = replace(link, browser=_hash(key))
        self._tell(link.account_id)
        return key

    def end(self, account_id: str) -> None:
        """End the link of the account, and all that are too old."""
        self._drop(account_id)
        self._tell(account_id)

    def take_in(self, account_id: str, links: dict[str, Link]) -> None:
        """Take the links of an account as another hub knows them."""
        self._drop(account_id)
        self._links.update(links)

    def _tell(self, account_id: str) -> None:
        self.share(account_id, {key: link for key, link in self._links.items() if link.account_id == account_id})

    def _drop(self, account_id: str) -> None:
        now = self._clock()
        self._links = {
            key: link for key, link in self._links.items() if link.account_id != account_id and link.expires_at > now
        }


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
