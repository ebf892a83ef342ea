"""The access directory: users, their grants and tokens, and saved replies, as one immutable value in memory.

Credentials are checked against it without the database. The hub calls `reload` whenever the generation of the
directories rises.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from django.contrib.auth import get_user_model
from msgspec import Struct

from im_api.models import ApiToken, Grant
from im_api.saved_replies import ReplyInfo, load_replies

GrantLevel = Literal["read", "operate", "owner"]

MAX_SESSIONS: Final = 10_000


class Principal(Struct, frozen=True, kw_only=True, dict=True):
    """The one who asks. Stands in for Django's user in requests to the API. `grants`: account id -> level."""

    user_id: int
    username: str
    is_staff: bool
    is_active: bool
    grants: Mapping[str, GrantLevel] = {}

    is_authenticated = True
    is_anonymous = False

    @property
    def pk(self) -> int:
        return self.user_id

    def __str__(self) -> str:
        return self.username

    def get_username(self) -> str:
        return self.username

    @cached_property
    def scope(self) -> bytes:
        """Equal for all who may do the same in the same accounts, and for nobody else."""
        if self.is_staff:
            return b"owner"
        return hashlib.blake2b(repr(sorted(self.grants.items())).encode(), digest_size=16).digest()

    def grant_for(self, account_id: str) -> GrantLevel | None:
        return "owner" if self.is_staff else self.grants.get(account_id)


class TokenInfo(NamedTuple):
    """`expires_at`: ms UTC or None."""

    user_id: int
    expires_at: int | None
    name: str


class SessionInfo(NamedTuple):
    user_id: int
    expires_at: int


class Access(Struct, frozen=True, kw_only=True):
    """`sessions` are remembered as the database confirms them, and forgotten with this value: a logout, a new
    password or a blocked user each raise the generation."""

    users: Mapping[int, Principal] = {}
    tokens: Mapping[str, TokenInfo] = {}
    sessions: dict[str, SessionInfo] = {}
    replies: Mapping[str, ReplyInfo] = {}

    def by_token_hash(self, token_hash: str, now: int) -> Principal | None:
        return self._valid(self.tokens.get(token_hash), now)

    def by_session_key(self, session_key: str, now: int) -> Principal | None:
        return self._valid(self.sessions.get(session_key), now)

    def name_of_token(self, token_hash: str) -> str:
        """Empty if it was revoked meanwhile."""
        token = self.tokens.get(token_hash)
        return token.name if token is not None else ""

    def by_user_id(self, user_id: int) -> Principal | None:
        user = self.users.get(user_id)
        return user if user is not None and user.is_active else None

    def remember_session(self, session_key: str, session: SessionInfo) -> None:
        if len(self.sessions) >= MAX_SESSIONS:
            self.sessions.clear()
        self.sessions[session_key] = session

    def _valid(self, credential: TokenInfo | SessionInfo | None, now: int) -> Principal | None:
        if credential is None or (credential.expires_at is not None and credential.expires_at <= now):
            return None
        return self.by_user_id(credential.user_id)


_current: Access | None = None
_loading = threading.Lock()
_used: dict[str, int] = {}


def get_access() -> Access:
    """The current value. The first call of a process reads the database."""
    return _current if _current is not None else reload()


def peek_access() -> Access | None:
    """Return the current value, or None before the first load. Never reads the database."""
    return _current


def reload() -> Access:
    """From the database. A load that began later never loses against an earlier one."""
    global _current
    with _loading:
        _current = load_access()
        return _current


def forget() -> None:
    """The next call reads the database again."""
    global _current
    _current = None
    _used.clear()


def load_access() -> Access:
    grants: dict[int, dict[str, Any]] = {}
    for user_id, account_id, level in Grant.objects.values_list("user_id", "account_id", "level"):
        grants.setdefault(user_id, {})[account_id] = level
    users = {
        user.pk: Principal(
            user_id=user.pk,
            username=user.get_username(),
            is_staff=user.is_staff,
            is_active=user.is_active,
            grants=grants.get(user.pk, {}),
        )
        for user in get_user_model().objects.all()
    }
    tokens = {
        token_hash: TokenInfo(user_id, to_ms(expires_at), name)
        for token_hash, user_id, expires_at, name in ApiToken.objects.values_list(
            "token_hash", "user_id", "expires_at", "name"
        )
    }
    return Access(users=users, tokens=tokens, replies=load_replies())


def note_use(token_hash: str, now: int) -> None:
    _used[token_hash] = now


def flush_last_used() -> int:
    """Writes what `note_use` gathered: the number of tokens. Call it off the request path."""
    gathered = {key: _used.pop(key) for key in list(_used)}
    for token_hash, used_at in gathered.items():
        at = datetime.fromtimestamp(used_at / 1000, UTC)
        ApiToken.objects.filter(token_hash=token_hash).update(last_used_at=at)
    return len(gathered)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
