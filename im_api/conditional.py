"""Entity tags of answers, and what a client says it has already."""

from __future__ import annotations

import hashlib

from django.utils.http import parse_etags, quote_etag


def make_etag(body: bytes) -> str:
    """Return the entity tag of an answer with this body."""
    return quote_etag(hashlib.blake2b(body, digest_size=16).hexdigest())


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Return whether the client has the answer with this tag, by weak comparison. `if_none_match`: the header."""
    if if_none_match is None:
        return False
    if if_none_match == etag:  # nearly always
        return True
    etags = parse_etags(if_none_match)
    return etags == ["*"] or any(known.removeprefix("W/") == etag for known in etags)
