"""Who asks for what, as far as the answer can depend on it: read from a request without Django and the database."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.conf import settings
from django.http import parse_cookie

from im_api.access import Access, Principal, now_ms
from im_api.authentication import KEYWORD
from im_api.inline.handler import Scope
from im_api.models import hash_token
from im_api.renderers import HTML

Key = tuple[bytes, bytes, bytes, bytes]

_ONCE: Final = frozenset((b"authorization", b"cookie", b"host", b"accept", b"if-none-match"))
"""Headers that an answer depends on. A request that has one of them twice is left to Django."""
_DJANGOS: Final = frozenset((b"imhub-min-version", b"content-type"))
"""Headers of requests that are left to Django: one waits, one says how the query string is encoded."""
_SCHEME: Final = f"{KEYWORD} ".lower().encode()
_HTML: Final = HTML.encode()


class Question(NamedTuple):
    """A read by somebody whom memory knows. Equal keys have equal answers as long as these stand.

    `token_hash`: None where the session of a browser says who asks. `if_none_match`: the header.
    """

    principal: Principal
    token_hash: str | None
    is_by_token_alone: bool
    key: Key
    query: bytes
    if_none_match: str | None


class Asked(NamedTuple):
    """A question, the headers that it was read from, and the directory that its credentials were checked by."""

    access: Access
    headers: list[tuple[bytes, bytes]]
    question: Question


def is_asked_again(asked: Asked, scope: Scope, access: Access) -> bool:
    """Return whether the same is asked once more, and the token is good still: most clients repeat their headers."""
    question = asked.question
    return (
        asked.access is access
        and question.is_by_token_alone
        and question.key[2] == scope["raw_path"]
        and question.query == scope["query_string"]
        and asked.headers == scope["headers"]
        and access.by_token_hash(question.token_hash or "", now_ms()) is question.principal
    )


def read_question(scope: Scope, access: Access) -> Question | None:
    """Return the question of a read, None where only Django can tell what it is."""
    given: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _ONCE:
            if name in given:
                return None
            given[name] = value
        elif name in _DJANGOS:
            return None
    path, query = scope.get("raw_path"), scope["query_string"]
    host = given.get(b"host")
    if not path or not host or b"format" in query or b"html" in given.get(b"accept", b"").lower():
        return None
    known = _find_caller(given, access, now_ms())
    if known is None:
        return None
    principal, token_hash = known
    condition = given.get(b"if-none-match")
    return Question(
        principal,
        token_hash,
        token_hash is not None and b"cookie" not in given,
        (principal.scope, host, path, _sorted(query)),
        query,
        None if condition is None else condition.decode("latin-1"),
    )


def _find_caller(given: dict[bytes, bytes], access: Access, now: int) -> tuple[Principal, str | None] | None:
    """Return who asks, and the hash of the token; None unless memory knows every credential to be good."""
    authorization, cookie = given.get(b"authorization"), given.get(b"cookie")
    by_session = None
    if cookie is not None and (session_key := _session_in(cookie)):
        by_session = access.by_session_key(session_key, now)
        if by_session is None:
            return None
    if authorization is None:
        return (by_session, None) if by_session is not None else None
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        return None
    token_hash = hash_token(authorization[len(_SCHEME) :].decode("latin-1").strip())
    principal = access.by_token_hash(token_hash, now)
    return (principal, token_hash) if principal is not None else None


def _session_in(cookie: bytes) -> Any:
    text = cookie.decode("latin-1")
    return parse_cookie(text).get(settings.SESSION_COOKIE_NAME) if settings.SESSION_COOKIE_NAME in text else None


def _sorted(query: bytes) -> bytes:
    """Return the query string with its parameters by name. Of several of one name the last counts: they keep their
    order, also where an escape hides that two names are one."""
    if b"&" not in query:
        return query
    parts = query.split(b"&")
    names = [part.partition(b"=")[0] for part in parts]
    if any(b"%" in name or b"+" in name for name in names):
        return query
    return b"&".join(part for _, part in sorted(zip(names, parts, strict=True), key=_first))


def _first(pair: tuple[bytes, bytes]) -> bytes:
    return pair[0]
