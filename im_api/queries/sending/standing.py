"""What the pages for people need of replies, beside the terms in which they speak of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from im_api.queries.scope import AuthorizedAccount
from sync.core.account.entries import Entry
from sync.core.change.replies.reply_changes import ITEMS_OF
from sync.core.replies.budget import NEVER, Turn
from sync.core.replies.reply import RETRIABLE, Reason, Reply, ReplyKind
from sync.protocol.account_config import Budget, Pace, ReplyMode, budget_of

__all__ = [
    "NEVER",
    "RETRIABLE",
    "Budget",
    "Pace",
    "Reason",
    "Reply",
    "ReplyKind",
    "ReplyMode",
    "Turn",
    "budget_of",
    "find_newest_seen",
    "is_seen_as_item",
    "list_replies_of",
    "list_unsettled_of_thread",
]


def list_replies_of(authorized: AuthorizedAccount) -> list[Reply]:
    """Return the replies of the account that are kept, in the order in which they were written."""
    return sorted(authorized.view.replies.values(), key=lambda reply: reply.number)


def is_seen_as_item(authorized: AuthorizedAccount, reply: Reply) -> bool:
    """Return whether the message or comment that the reply became was read by the worker."""
    return reply.confirmed_id in authorized.view.entries(ITEMS_OF[reply.kind])


def list_unsettled_of_thread(authorized: AuthorizedAccount, kind: ReplyKind, thread_id: str) -> list[Reply]:
    """Return the replies of a thread that are on their way, or of which nobody knows, the oldest first."""
    here = [r for r in list_replies_of(authorized) if r.kind == kind and r.thread == thread_id]
    return [reply for reply in here if reply.is_unfinished or reply.state == "unknown"]


def find_newest_seen(
    authorized: AuthorizedAccount, kind: ReplyKind, shown: Sequence[str], waiting: Sequence[Reply]
) -> str:
    """Return the id of what a page shows last: of the items `shown`, or of the replies `waiting`; empty for nothing.

    `based_on` of a reply names it so.
    """
    entry: Entry[Any] | None = authorized.view.entries(ITEMS_OF[kind]).get(shown[-1]) if shown else None
    if waiting and (entry is None or waiting[-1].number > entry.first_version):
        return waiting[-1].id
    return entry.item.id if entry is not None else ""
