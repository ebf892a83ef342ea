"""Says who waits for the shop, so that a world can be kept in hand. Pure.

It is the demo's own and simple view: whoever spoke last, and was not the shop, waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from demo.world import DemoAccount, DemoComment, World

DAY_S = 24 * 3600
RECENT_S = 3 * DAY_S
"""What is older is history: nobody expects an answer."""


class Waiting(NamedTuple):
    """Somebody who waits since the epoch second `since`, and wrote last at `newest`: in a conversation, or under a
    comment.
    """

    since: int
    newest: int
    conversation_id: str = ""
    cid: str = ""


def list_waiting(account: DemoAccount, now_s: int) -> list[Waiting]:
    """Return who waits for the account at the epoch second `now_s`, the longest first."""
    found = [*_in_conversations(account), *_under_comments(account)]
    return sorted(waiting for waiting in found if waiting.newest > now_s - RECENT_S)


def newest_s(world: World) -> int:
    """Return the epoch second of the newest thing that anybody wrote: the clock of a world that is told no time."""
    accounts = world.accounts.values()
    messages = (c.updated_ms // 1000 for account in accounts for c in account.conversations)
    comments = (comment.created_s for account in accounts for comment in account.comments)
    return max((*messages, *comments), default=0)


def _in_conversations(account: DemoAccount) -> Iterator[Waiting]:
    for conversation in account.conversations:
        said = [m for m in conversation.messages if m.kind != "system" and not m.is_recalled]
        if not said or said[-1].sender_uid == account.owner.uid:
            continue
        own = max((m.created_ms for m in said if m.sender_uid == account.owner.uid), default=0)
        first = next(m for m in said if m.created_ms > own)
        yield Waiting(first.created_ms // 1000, said[-1].created_ms // 1000, conversation_id=conversation.id)


def list_threads(account: DemoAccount) -> dict[str, list[DemoComment]]:
    """Return each comment with its replies, the oldest first, by the comment's id."""
    threads: dict[str, list[DemoComment]] = {}
    for comment in sorted(account.comments, key=lambda comment: (comment.created_s, comment.cid)):
        if not comment.is_deleted:
            threads.setdefault(comment.parent_cid or comment.cid, []).append(comment)
    return threads


def _under_comments(account: DemoAccount) -> Iterator[Waiting]:
    for cid, thread in list_threads(account).items():
        own = [comment.created_s for comment in thread if comment.author_uid == account.owner.uid]
        after = [c for c in thread if c.author_uid != account.owner.uid and c.created_s > max(own, default=0)]
        if after and thread[-1].author_uid != account.owner.uid:
            yield Waiting(after[0].created_s, thread[-1].created_s, cid=cid)
