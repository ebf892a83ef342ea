"""Credentials -> Principal, from the access directory.

A credential that the directory does not know asks the database every time and is never remembered as bad. On the event
loop that raises SynchronousOnlyOperation, and the request goes through a thread.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, cast

from django.conf import settings
from django.db.models import Q
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from im_api.access import Principal, SessionInfo, get_access, note_use, now_ms, reload, to_ms
from im_api.models import ApiToken, hash_token

SAFE: Final = ("GET", "HEAD", "OPTIONS")
KEYWORD: Final = "Token"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token <key>`."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        """(who, hash of the token), or None without such a header. Raises AuthenticationFailed."""
        scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != KEYWORD.lower():
            return None
        token_hash = hash_token(key.strip())
        now = now_ms()
        principal = get_access().by_token_hash(token_hash, now) or find_token(token_hash, now)
        if principal is None:
            raise AuthenticationFailed("This token is not valid")
        note_use(token_hash, now)
        return principal, token_hash

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


def find_token(token_hash: str, now: int) -> Principal | None:
    """In the database. Only a token that is good now is worth reading the whole directory again."""
    good = ApiToken.objects.filter(token_hash=token_hash, user__is_active=True)
    if not good.filter(Q(expires_at=None) | Q(expires_at__gt=datetime.fromtimestamp(now / 1000, UTC))).exists():
        return None
    return reload().by_token_hash(token_hash, now)


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the browser. What is not a read needs the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not session_key:
            return None
        principal = get_access().by_session_key(session_key, now_ms()) or _confirm_session(request, session_key)
        if principal is None:
            return None
        if request.method not in SAFE:
            # The framework's own request would read the body to find the token in it.
            self.enforce_csrf(cast(Request, request._request))
        return principal, None


def _confirm_session(request: Request, session_key: str) -> Principal | None:
    """Asks Django's own session and user, and remembers a good one as long as it lasts."""
    access = get_access()  # before the question: an answer that is older than a logout must not outlive it
    user = request._request.user
    if not user.is_authenticated or user.pk is None:
        return None
    principal = access.by_user_id(user.pk) or reload().by_user_id(user.pk)
    if principal is not None:
        expires_at = to_ms(request._request.session.get_expiry_date()) or 0
        access.remember_session(session_key, SessionInfo(user.pk, expires_at))
    return principal
