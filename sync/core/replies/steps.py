"""The steps that a reply can take, and the state after each: who may press, and what counts as sent."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from sync.core.replies.reply import IN_FLIGHT, UNSETTLED, Evidence, Reason, Reply, ReplyState, SendMode

TYPING_MS: Final = 180_000
"""A worker that has not asked to press by then may not do it any more."""
PRESSING_MS: Final[dict[SendMode, int]] = {"send": 60_000, "window": 600_000}
MOST_ATTEMPTS: Final = 3

SILENT: Final = Reason("worker_silent", "the worker did not finish typing")
LOST: Final = Reason("worker_lost", "the worker was lost before anything was sent, several times")
RESTORED: Final = Reason("restored", "the hub's data was put back; nobody knows what became of it")
BAD_EVIDENCE: Final = Reason("no_evidence", "what the worker saw does not prove that it was sent")


class HoldEnded(Struct, frozen=True):
    """The time in which it can be taken back without a trace is over."""


class Cancelled(Struct, frozen=True):
    """A person takes it back."""


class Abandoned(Struct, frozen=True):
    """The reply cannot go, and no worker has it."""

    reason: Reason


class HandedOver(Struct, frozen=True):
    """The reply is given to a worker, under a lease."""

    worker: str
    lease_epoch: int
    mode: SendMode


class HandedBack(Struct, frozen=True):
    """The worker of this attempt does not go on with it and was never permitted to press."""

    attempt: int


class PressingAsked(Struct, frozen=True):
    """The worker asks to press (in a window: to put the text into the editor). `known`: as in `Reply`."""

    attempt: int
    worker: str
    known: tuple[str, ...] = ()


class Resulted(Struct, frozen=True):
    """The worker says how it ended. `confirmed_id`: of the item that is the evidence, if it is good evidence."""

    attempt: int
    worker: str
    state: Literal["sent", "refused", "unknown", "failed"]
    reason: Reason | None = None
    confirmed_id: str | None = None
    evidence: Evidence | None = None


class DeadlinePassed(Struct, frozen=True):
    """The deadline of the reply was a while ago."""


class Seen(Struct, frozen=True):
    """The platform's list shows an item that can only be this reply."""

    item_id: str


class Displaced(Struct, frozen=True):
    """The item that seemed to confirm it is another reply, as the platform itself said."""


class Restored(Struct, frozen=True):
    """The hub goes on with older data: what became of an unfinished reply is not known."""


ReplyStep = (
    HoldEnded
    | Cancelled
    | Abandoned
    | HandedOver
    | HandedBack
    | PressingAsked
    | Resulted
    | DeadlinePassed
    | Seen
    | Displaced
    | Restored
)


def advance_reply(reply: Reply, step: ReplyStep, now: int, version: int = 0) -> Reply:
    """Return the reply after `step`; the very same if the step means nothing for it any more.

    `now`: ms UTC. `version`: the account's, before the step.
    """
    state = reply.state
    if isinstance(step, HoldEnded):
        return replace(reply, state="queued") if state == "held" else reply
    if isinstance(step, Cancelled):
        return _end(reply, "cancelled", now) if state in ("held", "queued") else reply
    if isinstance(step, Abandoned):
        return _end(reply, "failed", now, step.reason) if state in ("held", "queued") else reply
    if isinstance(step, HandedOver):
        return _handed_over(reply, step, now) if state == "queued" else reply
    if isinstance(step, HandedBack):
        return _handed_back(reply, now) if state == "typing" and step.attempt == reply.attempt else reply
    if isinstance(step, PressingAsked):
        return _pressing(reply, step, now, version) if may_press(reply, step, now) else reply
    if isinstance(step, Resulted):
        return _resulted(reply, step, now)
    if isinstance(step, Seen):
        return _sent(reply, step.item_id, "snapshot", now) if state in UNSETTLED else reply
    if isinstance(step, Displaced):
        return _displaced(reply) if state == "sent" and reply.evidence == "snapshot" else reply
    if isinstance(step, Restored):
        return _end(reply, "unknown", now, RESTORED) if reply.is_unfinished else reply
    return _too_late(reply, now)


def may_press(reply: Reply, asked: PressingAsked, now: int) -> bool:
    """Return whether this worker is the one to press: once, in time, and only in the attempt that it was given."""
    return (
        reply.state == "typing"
        and (reply.attempt, reply.worker) == (asked.attempt, asked.worker)
        and (reply.deadline is None or now < reply.deadline)
    )


def _handed_over(reply: Reply, step: HandedOver, now: int) -> Reply:
    return replace(
        reply,
        state="typing",
        attempt=reply.attempt + 1,
        worker=step.worker,
        lease_epoch=step.lease_epoch,
        mode=step.mode,
        deadline=now + TYPING_MS,
    )


def _handed_back(reply: Reply, now: int) -> Reply:
    if reply.attempt >= MOST_ATTEMPTS:
        return _end(reply, "failed", now, LOST)
    return replace(reply, state="queued", deadline=None)


def _pressing(reply: Reply, step: PressingAsked, now: int, version: int) -> Reply:
    return replace(
        reply,
        state="pressing",
        pressed_at=now,
        pressed_version=version,
        known=step.known,
        deadline=now + PRESSING_MS[reply.mode],
    )


def _resulted(reply: Reply, step: Resulted, now: int) -> Reply:
    """Take a worker's result: `sent` if it comes with proof, any other only in the attempt that is under way."""
    if reply.worker not in ("", step.worker) or reply.state in ("sent", "refused"):
        return reply
    if step.state == "sent":
        # The platform's own answer counts even where the hub lost, or never gave, the permission: it did arrive.
        if step.confirmed_id is not None and (reply.pressed_at is not None or step.evidence == "response"):
            return _sent(reply, step.confirmed_id, step.evidence or "list", now)
        return _end(reply, "unknown", now, BAD_EVIDENCE) if _was_given(reply) else reply
    if reply.attempt != step.attempt:
        return reply
    if step.state == "failed" and reply.state in (*IN_FLIGHT, "unknown"):
        # Only whoever was permitted to press knows that he did not.
        return replace(_end(reply, "failed", now, step.reason), pressed_at=None)
    if step.state == "refused" and reply.state in UNSETTLED:
        return _end(reply, "refused", now, step.reason)
    return _end(reply, "unknown", now, step.reason) if step.state == "unknown" and _was_given(reply) else reply


def _was_given(reply: Reply) -> bool:
    """Return whether a worker has it, or had and gave it back. Somebody at its window may have pressed unasked."""
    return reply.worker != "" and reply.state in ("queued", *IN_FLIGHT)


def _too_late(reply: Reply, now: int) -> Reply:
    if reply.deadline is None or now < reply.deadline:
        return reply
    if reply.state == "typing":
        return _end(reply, "failed", now, SILENT)
    return _end(reply, "unknown", now) if reply.state == "pressing" else reply


def _sent(reply: Reply, item_id: str, evidence: Evidence, now: int) -> Reply:
    return replace(_end(reply, "sent", now), confirmed_id=item_id, evidence=evidence)


def _displaced(reply: Reply) -> Reply:
    return replace(reply, state="unknown", confirmed_id=None, evidence=None)


def _end(reply: Reply, state: ReplyState, now: int, reason: Reason | None = None) -> Reply:
    return replace(reply, state=state, ended_at=now, deadline=None, reason=reason)
