"""The replies that a view holds, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sync.core.maps import Map
from sync.core.replies.reply import UNSETTLED, Reply, ReplyKind
from sync.protocol.items import Collection

COLLECTION_OF: Final[Mapping[ReplyKind, Collection]] = {
    "message": "conversations",
    "comment": "comments",
    "work": "contents",
}
"""The kinds of replies, and the collection that their target is of."""


def hold_replies(held: Map[str, Reply], changed: Iterable[Reply], dropped: Iterable[str] = ()) -> dict[str, Any]:
    """Return the fields of a view that held `held`, once `changed` are stored and `dropped` (ids) forgotten."""
    with held.mutate() as after:
        for reply in changed:
            after[reply.id] = reply
        for reply_id in dropped:
            after.pop(reply_id, None)
        replies = after.finish()
    newest: dict[tuple[str, str], Reply] = {}
    for reply in replies.values():
        if reply.is_unfinished:
            for place in ((COLLECTION_OF[reply.kind], reply.target), ("threads", reply.thread)):
                if place not in newest or newest[place].number < reply.number:
                    newest[place] = reply
    return {
        "replies": replies,
        "pending_replies": Map({place: reply.state for place, reply in newest.items()}),
        "unsettled": tuple(sorted(reply.id for reply in replies.values() if reply.state in UNSETTLED)),
    }
