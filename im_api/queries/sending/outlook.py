"""How the replies of an account go now, and what its pace leaves: read from memory, for whoever is about to write."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from im_api.access import Principal
from im_api.queries.scope import AuthorizedAccount, get_authorized
from sync.core.lists.reply_queue import estimate_queue, estimate_turn, recent_replies, unfinished_replies
from sync.core.replies.budget import NEVER, Turn, WaitReason, count_left
from sync.core.replies.reply import HOLD_MS, ReplyKind
from sync.hub import get_hub
from sync.protocol.account_config import ReplyMode, budget_of

Obstacle = Literal["off", "unable", "paused"]


class Outlook(Struct, frozen=True, kw_only=True):
    """Says what a reply of one kind would meet that is written now.

    `left_hour`, `left_day`: how many more may go, without those that wait. `waiting`: replies of the account that are
    on their way. `next_at`: about when it goes, ms UTC; None: not by the passing of time. `why`: the bound that
    decides.
    """

    left_hour: int
    left_day: int
    per_hour: int
    per_day: int
    waiting: int
    next_at: int | None
    why: WaitReason | None


class Sending(Struct, frozen=True, kw_only=True):
    """Says how replies of the account go, and what is left. `obstacle`: why they do not go, None if they do."""

    authorized: AuthorizedAccount
    mode: ReplyMode
    obstacle: Obstacle | None
    messages: Outlook
    comments: Outlook


def find_mode(authorized: AuthorizedAccount) -> tuple[ReplyMode, Obstacle | None]:
    """Return how the account's replies go now, and what stands in the way if they do not. Raises HubNotReady."""
    account = authorized.account
    if account.paused:
        return "off", "paused"
    mode = get_hub().replies.mode_of(account)
    if mode != "off":
        return mode, None
    return mode, "off" if account.config.get("reply_mode") in (None, "off") else "unable"


def get_sending(principal: Principal, account_id: str) -> Sending:
    """Return how the account sends, and what its pace leaves. Raises NotFound, HubNotReady."""
    authorized = get_authorized(principal, account_id)
    mode, obstacle = find_mode(authorized)
    return Sending(
        authorized=authorized,
        mode=mode,
        obstacle=obstacle,
        messages=get_outlook(authorized, "message"),
        comments=get_outlook(authorized, "comment"),
    )


def get_outlook(authorized: AuthorizedAccount, kind: ReplyKind, target: str = "") -> Outlook:
    """Return what a reply to `target` would meet; without one, a reply to somebody who wrote to us long ago."""
    hub, view = get_hub(), authorized.view
    now, budget = hub.clock(), budget_of(authorized.account.config)
    pace = budget.messages if kind == "message" else budget.comments
    waiting = unfinished_replies(view)
    alike = sum((one.kind == "message") == (kind == "message") and one.pressed_at is None for one in waiting)
    left_hour, left_day = count_left(kind, recent_replies(view, now), budget, now)
    turn = estimate_turn(view, kind, target, budget, hub.replies.zone, now + HOLD_MS)
    return Outlook(
        left_hour=max(0, left_hour - alike),
        left_day=max(0, left_day - alike),
        per_hour=pace.per_hour,
        per_day=pace.per_day,
        waiting=len(waiting),
        next_at=None if turn.at == NEVER else turn.at,
        why=turn.why,
    )


def list_turns(authorized: AuthorizedAccount) -> dict[str, Turn]:
    """Return about when each reply of the account goes that waits, by its id."""
    hub = get_hub()
    budget = budget_of(authorized.account.config)
    return estimate_queue(authorized.view, budget, hub.replies.zone, hub.clock())
