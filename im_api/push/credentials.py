"""The credentials of a socket: a token, or a browser's session.

They are asked again whenever a logout, a new password, a revoked token or another grant may have changed the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from im_api.access import Principal, SessionInfo, get_access, note_use, now_ms, reload, to_ms
from im_api.authentication import KEYWORD, find_token
from im_api.models import hash_token
from im_api.queries.events import in_database

Headers = Iterable[tuple[bytes, bytes]]


class Credential(Protocol):
    def principal(self) -> Principal | None:
        """From memory. None: it is not known to be good."""

    async def confirm(self) -> Principal | None:
        """Asks the database, if memory does not know."""


class TokenCredential:
    def __init__(self, key: str) -> None:
        self._hash = hash_token(key)

    def principal(self) -> Principal | None:
        return get_access().by_token_hash(self._hash, now_ms())

    async def confirm(self) -> Principal | None:
        found = self.principal() or await in_database(find_token, self._hash, now_ms())
        if found is not None:
            note_use(self._hash, now_ms())
        return found


class SessionCredential:
    def __init__(self, key: str) -> None:
        self._key = key

    def principal(self) -> Principal | None:
        return get_access().by_session_key(self._key, now_ms())

    async def confirm(self) -> Principal | None:
        return self.principal() or await in_database(_find_session, self._key)


def _find_session(key: str) -> Principal | None:
    """As Django does it for a page: the session, its user, and whether the password is still the one it began with."""
    access = get_access()  # before the question, see `authentication`
    request = HttpRequest()
    store: Any = import_module(settings.SESSION_ENGINE)
    request.session = store.SessionStore(key)
    user = get_user(request)
    if not user.is_authenticated or user.pk is None:
        return None
    principal = access.by_user_id(user.pk) or reload().by_user_id(user.pk)
    if principal is not None:
        access.remember_session(key, SessionInfo(user.pk, to_ms(request.session.get_expiry_date()) or 0))
    return principal


def read_credential(headers: Headers, *, secure: bool = False) -> Credential | None:
    """A token counts before a session. A session only where the page that opened the socket is one of ours.

    `secure`: the socket came over TLS, or a trusted proxy says so.
    """
    given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    scheme, _, key = given.get("authorization", "").partition(" ")
    if scheme.lower() == KEYWORD.lower():
        return TokenCredential(key.strip()) if key.strip() else None
    session_key = parse_cookie(given.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if session_key and _is_own(given.get("origin", ""), given.get("host", ""), secure=secure):
        return SessionCredential(session_key)
    return None


def _is_own(origin: str, host: str, *, secure: bool) -> bool:
    """Return whether a page of `origin` is one of ours: it came from where the socket leads, or is trusted.

    Behind TLS that the proxy does not tell of, the owner does (`SECURE_COOKIES`).
    """
    schemes = {"https" if secure else "http"} | ({"https"} if settings.SECURE_COOKIES else set())
    same = bool(host) and origin.lower() in {f"{scheme}://{host.lower()}" for scheme in schemes}
    return same or origin in settings.CSRF_TRUSTED_ORIGINS
