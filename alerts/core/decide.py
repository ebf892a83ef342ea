"""Decides what is told now: each change once, merged, never at night, never as a stream.

There are two kinds only: an account needs a person, and somebody waits too long.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from alerts.core.choices import Choices
from alerts.core.hours import MINUTE_MS, has_waited, is_business, is_quiet, last_quiet_end

SETTLE_MS: Final = 2 * MINUTE_MS
"""A trouble that goes within this time is told to nobody: a worker that is started anew, a page that loads twice. One
that was told and is away for less than this never went: a hub that has just started knows it of nobody."""
SETTLE_AGAIN_MS: Final = 15 * MINUTE_MS
"""The same for an account that was told within AGAIN_MS: one that comes and goes must not become a stream."""
AGAIN_MS: Final = 60 * MINUTE_MS
GAP_MS: Final = 10 * MINUTE_MS
"""Between two messages. What happens meanwhile is merged into the next."""
MORNING_MS: Final = 6 * 60 * MINUTE_MS
"""A summary that is later than this after the end of the quiet hours is none of the morning."""


class Trouble(NamedTuple):
    """An account needs a person. `kind`: why; `since`: when it was last read, ms UTC."""

    account_id: str
    kind: str
    since: int | None


class Wait(NamedTuple):
    """Somebody waits in a row of the inbox. `since`: ms UTC."""

    account_id: str
    row_id: str
    since: int

    @property
    def key(self) -> str:
        """Return a name that no other row has."""
        return f"{self.account_id}/{self.row_id}"


class Facts(Struct, frozen=True):
    """All that is true at a moment. `waits`: whoever waits longer than the owner's minutes, by any hours, and whoever
    was told and still waits."""

    troubles: tuple[Trouble, ...] = ()
    waits: tuple[Wait, ...] = ()


class Standing(Struct, frozen=True):
    """A trouble that is there. `first_at`: when it was first seen; `is_told`: with this kind."""

    kind: str
    first_at: int
    is_told: bool = False


class Told(Struct, frozen=True):
    """The record of what was told, stored with its messages. `told_at`: account -> when. `waits`: row -> since.
    `gone`: a trouble that was told -> when it went, for SETTLE_MS."""

    troubles: dict[str, Standing] = {}
    told_at: dict[str, int] = {}
    waits: dict[str, int] = {}
    message_at: int = 0
    morning_at: int = 0
    gone: dict[str, int] = {}


class Message(Struct, frozen=True):
    """One message to people. `is_morning`: it is the summary after the quiet hours."""

    troubles: tuple[Trouble, ...]
    waits: tuple[Wait, ...]
    is_morning: bool = False


def decide(told: Told, facts: Facts, choices: Choices, now: int, zone: tzinfo) -> tuple[Told, Message | None]:
    """Return what is told after this moment (ms UTC), and the message of now, if there is one."""
    told = _keep(told, facts, choices, now, zone)
    if is_quiet(now, choices.quiet, zone):
        return told, None
    quiet_end = last_quiet_end(now, choices.quiet, zone) if choices.quiet is not None else 0
    is_first_look = quiet_end > told.morning_at
    is_morning = is_first_look and now - quiet_end < MORNING_MS
    if is_first_look:
        told = replace(told, morning_at=quiet_end)
    elif now - told.message_at < GAP_MS:
        return told, None
    due = tuple(one for one in facts.troubles if _is_due(one, told, now)) if choices.tell_troubles else ()
    late = _late(facts.waits, told, choices, now, zone, at_once=is_morning) if choices.tell_waits else ()
    if not due and not late:
        return told, None
    return _after(told, due, late, now), Message(due, late, is_morning)


def _keep(told: Told, facts: Facts, choices: Choices, now: int, zone: tzinfo) -> Told:
    """Forget what is over, and note what has begun. What was told stays told whatever the owner chooses meanwhile."""
    gone, standing = _list_gone(told, facts.troubles, now), {}
    for one in facts.troubles:
        before = told.troubles.get(one.account_id)
        if before is None or before.kind != one.kind:
            before = Standing(one.kind, now, is_told=gone.pop(_name(one.account_id, one.kind), None) is not None)
        standing[one.account_id] = before
    there = {wait.key: wait.since for wait in facts.waits}
    return Told(
        troubles=standing,
        gone=gone,
        told_at={name: at for name, at in told.told_at.items() if now - at < AGAIN_MS},
        waits={row: since for row, since in told.waits.items() if there.get(row) == since},
        message_at=told.message_at,
        # Nobody slept before the first look of all.
        morning_at=told.morning_at or _first_morning(choices, now, zone),
    )


def _list_gone(told: Told, troubles: tuple[Trouble, ...], now: int) -> dict[str, int]:
    """Return which troubles that were told went a moment ago, and when."""
    there = {_name(one.account_id, one.kind) for one in troubles}
    known = {_name(account_id, one.kind) for account_id, one in told.troubles.items() if one.is_told}
    earlier = {name: at for name, at in told.gone.items() if now - at < SETTLE_MS}
    return {**earlier, **dict.fromkeys(sorted(known - there), now)}


def _name(account_id: str, kind: str) -> str:
    return f"{account_id}/{kind}"


def _first_morning(choices: Choices, now: int, zone: tzinfo) -> int:
    return last_quiet_end(now, choices.quiet, zone) if choices.quiet is not None else 0


def _is_due(trouble: Trouble, told: Told, now: int) -> bool:
    standing = told.troubles[trouble.account_id]
    settle = SETTLE_AGAIN_MS if trouble.account_id in told.told_at else SETTLE_MS
    return not standing.is_told and now - standing.first_at >= settle


def _late(
    waits: tuple[Wait, ...], told: Told, choices: Choices, now: int, zone: tzinfo, *, at_once: bool
) -> tuple[Wait, ...]:
    """Return who waits too long and was not told. `at_once`: by any hours, for the summary of the night."""
    new = (wait for wait in waits if wait.key not in told.waits)
    if at_once:
        return tuple(wait for wait in new if now - wait.since > choices.minutes * MINUTE_MS)
    if not is_business(now, choices.business, zone):
        return ()
    return tuple(wait for wait in new if has_waited(wait.since, now, choices.minutes, choices.business, zone))


def _after(told: Told, due: tuple[Trouble, ...], late: tuple[Wait, ...], now: int) -> Told:
    names = {one.account_id for one in due}
    standing = {
        name: Standing(one.kind, one.first_at, is_told=one.is_told or name in names)
        for name, one in told.troubles.items()
    }
    return replace(
        told,
        troubles=standing,
        told_at={**told.told_at, **dict.fromkeys(names, now)},
        waits={**told.waits, **{wait.key: wait.since for wait in late}},
        message_at=now,
    )
