"""Tells from the headers of a request, without the database, whether memory knows who asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.conf import settings
from django.http import parse_cookie

from im_api.access import peek_access
from im_api.authentication import KEYWORD
from im_api.push.credentials import Credential, SessionCredential, TokenCredential

Headers = Iterable[tuple[bytes, bytes]]

_NAMES: Final = (b"authorization", b"cookie")


class Caller(NamedTuple):
    """The credentials of a request. `known`: memory knows each of them to be good."""

    credentials: tuple[Credential, ...]

    @property
    def is_anonymous(self) -> bool:
        return not self.credentials

    @property
    def known(self) -> bool:
        if not self.credentials or peek_access() is None:
            return False
        return all(credential.principal() is not None for credential in self.credentials)

    async def confirm(self) -> bool:
        """Ask the database for those that memory does not know. Return whether all are good."""
        for credential in self.credentials:
            if await credential.confirm() is None:
                return False
        return bool(self.credentials)


def read_caller(headers: Headers) -> Caller:
    """Return who asks: a token, the session of a browser, both or neither."""
    found: list[Credential] = []
    for name, value in headers:
        if name not in _NAMES:
            continue
        text = value.decode("latin-1")
        if name == b"cookie":
            if key := parse_cookie(text).get(settings.SESSION_COOKIE_NAME):
                found.append(SessionCredential(key))
        else:
            scheme, _, key = text.partition(" ")
            if scheme.lower() == KEYWORD.lower() and key.strip():
                found.append(TokenCredential(key.strip()))
    return Caller(tuple(found))
