"""The head of a view as bytes, so that a start need not read the bodies. Read only by the code that wrote it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from sync.core.account.entries import Report
from sync.core.account.view import Totals, View
from sync.core.heads.cut_order import Cut, FeedCut
from sync.core.heads.evicted_view import HEAD, KEPT, KEPT_OF_FEED, EvictedView, Read, list_known, make_head
from sync.core.heads.known_ids import KnownIds
from sync.core.pace import Check, go_on
from sync.core.rules import Rules

_PLAIN: Final = (
    "epoch",
    "started_at",
    "started_clock",
    "started_version",
    "changed_at",
    "totals",
    "report",
    "owner_at",
)


class StoredHead(Struct, frozen=True, array_like=True):
    """`made_by`: the code that wrote it. `fresh_ms` to `owner_at`: as in `View`. `orders`: those of KEPT. `feed`: its
    first keys, and whether these are all.
    """

    made_by: bytes
    fresh_ms: int
    epoch: str
    started_at: int | None
    started_clock: int | None
    started_version: int
    changed_at: int | None
    totals: Totals
    report: Report
    owner_at: int | None
    rules: msgspec.Raw
    orders: list[tuple[list[tuple[Any, ...]], int]]
    known_ids: bytes
    any_unread: bool
    feed: tuple[list[tuple[Any, ...]], bool] = ([], False)


_encode: Final = msgspec.msgpack.Encoder().encode
_decoder: Final = msgspec.msgpack.Decoder(StoredHead)


def encode_head(view: View, made_by: bytes, check: Check = go_on) -> bytes:
    """Return the head of `view`, which is whole and may be evicted. `made_by`: a name of the code that runs. `check` is
    called now and then.
    """
    cuts = [Cut.of(getattr(view, name), keep) for name, keep in KEPT.items()]
    feed = FeedCut.of(view.feed, KEPT_OF_FEED)
    plain: dict[str, Any] = {name: getattr(view, name) for name in _PLAIN}
    stored = StoredHead(
        made_by=made_by,
        fresh_ms=view.fresh_ms,
        **plain,
        rules=msgspec.Raw(_encode(view.rules)),
        orders=[(list(cut.keys), cut.length) for cut in cuts],
        feed=(list(feed.keys), feed.is_whole),
        known_ids=list_known(view, check).bits,
        any_unread=view.has_unread,
    )
    return _encode(stored)


def decode_head(data: bytes, new: View, made_by: bytes, read: Read, *, version: int, seq: int) -> EvictedView | None:
    """Return the head; None if other code wrote it, or other settings hold. `new`: the account without anything.

    Raises msgspec.MsgspecError.
    """
    stored = _decoder.decode(data)
    if (stored.made_by, stored.fresh_ms) != (made_by, new.fresh_ms):
        return None
    fields = {name: getattr(stored, name) for name in _PLAIN}
    fields |= {"account_id": new.account_id, "fresh_ms": new.fresh_ms, "version": version, "seq": seq}
    fields |= {"rules": _rules(bytes(stored.rules)), "pending_replies": new.pending_replies}
    assert fields.keys() == set(HEAD)
    orders = {name: Cut(tuple(keys), length) for name, (keys, length) in zip(KEPT, stored.orders, strict=True)}
    feed = FeedCut(tuple(stored.feed[0]), stored.feed[1])
    return make_head(fields, orders, feed, KnownIds(stored.known_ids), stored.any_unread, read)


@lru_cache(maxsize=64)
def _rules(data: bytes) -> Rules:
    """Return the rules, which most accounts have in common."""
    return msgspec.msgpack.decode(data, type=Rules)
