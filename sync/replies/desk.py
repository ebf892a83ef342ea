"""Moves replies on. Everything runs on the event loop; each step is a change through the Writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import tzinfo
from functools import partial
from typing import Final, Protocol

import structlog
from msgspec import Struct

from sync.core.account.view import View
from sync.core.change.changes import ReplyMoved
from sync.core.change.snapshot_validation import Validated
from sync.core.lists.reply_queue import next_reply, pressing_replies, reply_in_flight, unfinished_replies
from sync.core.pace import Check
from sync.core.replies.reply import HOLD_MS, Reason, Reply, account_of_reply
from sync.core.replies.steps import Abandoned, DeadlinePassed, HandedBack, HandedOver, HoldEnded, ReplyStep, Resulted
from sync.directory import AccountInfo, Directory
from sync.protocol.account_config import ReplyMode, budget_of, reply_mode_of
from sync.protocol.messages import Ack, WireMessage
from sync.protocol.reply_messages import ReplyProgress, ReplyProgressAck, ReplyResult, ReplyResultAck
from sync.protocol.times import Clock
from sync.replies.requests import make_request, to_asked, to_resulted
from sync.storage.records import Actor
from sync.writing.jobs import Done, Job, Outcome, Published, Refused, as_change

log = structlog.get_logger(__name__)

TICK_S: Final = 0.25
QUIET_MS: Final = 2_000
"""How often an account is looked at whose replies only wait for their turn."""
NO_WORKER_MS: Final = 600_000
"""So long a reply whose turn it is waits for a worker."""
TAKES_OVER_MS: Final = 5_000
"""So long after another hub had the worker of an account its replies wait for one that has it."""
AGAIN_MS: Final = 5_000
"""So long after a worker gave one back the account's next request waits."""
STILL_AT_IT_MS: Final = 60_000
"""So long after a snapshot showed a reply its worker may still be at it."""

NO_WORKER: Final = Reason("no_worker", "no worker that can send was there")
MODE_OFF: Final = Reason("mode_off", "the account does not send replies any more")
NOT_PERMITTED: Final = "not_permitted"
UNKNOWN_REPLY: Final = "unknown_reply"
HUB: Final = Actor("hub")

Send = Callable[[Ack], None]


class Workers(Protocol):
    """The connected workers, as far as replies go through them."""

    def lease_of(self, account: AccountInfo) -> int | None:
        """Return the number of the connection that has the account under its present lease, or None."""
        ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        """Send a request to the worker that has the account. Return whether one has it."""
        ...

    def capabilities_of(self, name: str) -> Iterable[str] | None:
        """Return what the worker said last that it can do; None if it did not come since the start of the hub."""
        ...

    def is_given_elsewhere(self, account: AccountInfo) -> bool:
        """Return whether the worker of the account is connected to another hub of this database, and has it there."""
        ...

    def assignments_changed(self) -> None:
        """Have every connection compare what it was given with what it is to have."""


class _Given(Struct):
    """A reply that a worker got: the attempt, and the number of the connection. `is_told`: it said how that ended."""

    attempt: int
    connection: int
    is_told: bool = False

    def is_of(self, attempt: int, connection: int | None) -> bool:
        """Return whether this attempt was given away over this connection."""
        return (self.attempt, self.connection) == (attempt, connection)


class ReplyDesk:
    """Moves the replies on that are this hub's. `submit`: the Writer's. `zone`: of days and nights.

    Where several hubs share a database, the replies of an account are those of the hub that has its worker; while none
    has it, of the one that does the chores (`does_chores`; None: nobody shares it).
    """

    def __init__(
        self,
        submit: Callable[[Job], bool],
        get_view: Callable[[str], View],
        get_directory: Callable[[], Directory],
        workers: Workers,
        clock: Clock,
        zone: tzinfo,
        does_chores: Callable[[], bool] | None = None,
    ) -> None:
        self._submit = submit
        self._get_view = get_view
        self._get_directory = get_directory
        self._workers = workers
        self._clock = clock
        self.zone = zone
        self._does_chores = does_chores or (lambda: True)
        self._takes_over_ms = 0 if does_chores is None else TAKES_OVER_MS
        self._others_until: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._active: set[str] = set()
        self._busy: set[str] = set()
        self._given: dict[str, _Given] = {}
        """By the ids of the replies: what was given away since the start of the hub."""
        self._waits_since: dict[str, int] = {}
        self._again_at: dict[str, int] = {}
        self._was_pressing: set[str] = set()
        self._quiet: dict[str, tuple[View, int]] = {}

    # -- life

    def begin(self, views: Iterable[View]) -> None:
        """Take up the replies that were on their way when the hub ended."""
        self._note(views)

    def published(self, published: Published) -> None:
        """Take notice of new views. Where another hub moves replies on, its worker may not be known here yet."""
        if not published.is_own:
            until = self._clock() + self._takes_over_ms
            self._others_until |= {view.account_id: until for view in published.views if view.pending_replies}
        self._note(published.views)

    def _note(self, views: Iterable[View]) -> None:
        for view in views:
            pressing = bool(pressing_replies(view))
            if view.account_id in self._was_pressing and not pressing:
                self._was_pressing.discard(view.account_id)
                self._workers.assignments_changed()  # one that moved meanwhile waited for the end
            if pressing:
                self._was_pressing.add(view.account_id)
            if view.pending_replies:
                self._active.add(view.account_id)
                self._wake.set()
            else:
                self._active.discard(view.account_id)
                self._quiet.pop(view.account_id, None)

    async def run(self) -> None:
        """Move replies on for as long as the hub runs."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._active:
                self.tick()
                await asyncio.sleep(TICK_S)

    def tick(self) -> None:
        """Do the next thing for every account that has replies on their way."""
        for account_id in sorted(self._active):
            self._look_at(account_id)

    def _look_at(self, account_id: str) -> None:
        account = self._get_directory().accounts.get(account_id)
        if account is None:
            self._active.discard(account_id)
            self._quiet.pop(account_id, None)
        elif account_id not in self._busy and self._is_mine(account):
            try:
                self._move_on(account, self._get_view(account_id))
            except Exception:  # one account must not keep the others' replies
                log.exception("replies could not be moved on", account=account_id)

    def _is_mine(self, account: AccountInfo) -> bool:
        """Return whether this hub moves the account's replies on.

        Without its worker it waits for a while: another hub may have it, and not have said so yet.
        """
        if self._workers.lease_of(account) is not None:
            self._others_until.pop(account.id, None)
            return True
        until = self._clock() + self._takes_over_ms
        if not self._does_chores() or self._workers.is_given_elsewhere(account):
            self._others_until[account.id] = until
            self._waits_since.pop(account.id, None)
            return False
        return self._clock() >= self._others_until.setdefault(account.id, until)

    # -- one account

    def _move_on(self, account: AccountInfo, view: View) -> None:
        now = self._clock()
        looked_at, until = self._quiet.get(account.id, (None, 0))
        if looked_at is view and now < until:
            return
        for reply in unfinished_replies(view):
            step = self._due_step(account, reply, now)
            if step is not None:
                self._move(account.id, reply, step)
                return
        chosen = next_reply(view, budget_of(account.config), self.zone, now)
        if chosen is not None:
            self._hand_over(account, view, chosen, now)
        elif reply_in_flight(view) is None:
            self._waits_since.pop(account.id, None)
            if all(one.state == "queued" for one in unfinished_replies(view)):
                self._quiet[account.id] = view, now + QUIET_MS

    def _due_step(self, account: AccountInfo, reply: Reply, now: int) -> ReplyStep | None:
        """Return what the time, or the loss of a worker, does to a reply now."""
        if reply.state == "held":
            return HoldEnded() if now >= reply.created_at + HOLD_MS else None
        if reply.deadline is not None and now >= reply.deadline:
            return DeadlinePassed()
        if reply.state != "typing":
            return None
        given = self._given.get(reply.id)
        is_its = given is not None and given.is_of(reply.attempt, self._workers.lease_of(account))
        return None if is_its else HandedBack(reply.attempt)

    def _hand_over(self, account: AccountInfo, view: View, reply: Reply, now: int) -> None:
        if now < self._again_at.get(account.id, 0):
            return
        number, mode = self._workers.lease_of(account), self.mode_of(account)
        if number is not None and mode != "off":
            self._waits_since.pop(account.id, None)
            before = [one for one in self._given if account_of_reply(one) == account.id]
            if any(self._is_still_at(account, view.replies.get(one), now) for one in before):
                return  # it would refuse this one, which costs an attempt
            for ended in before:
                del self._given[ended]  # one of an account is under way
            self._given[reply.id] = _Given(reply.attempt + 1, number)
            step = HandedOver(account.worker or "", account.lease_epoch, mode)
            self._move(account.id, reply, step, partial(self._given_over, account.id, reply.id))
        elif number is not None:
            self._move(account.id, reply, Abandoned(MODE_OFF))
        elif now - self._waits_since.setdefault(account.id, now) >= NO_WORKER_MS:
            self._move(account.id, reply, Abandoned(NO_WORKER))

    def _is_still_at(self, account: AccountInfo, ended: Reply | None, now: int) -> bool:
        """Return whether the account's worker is at a reply that a snapshot showed before the platform answered it."""
        if ended is None or ended.ended_at is None or ended.worker != account.worker:
            return False
        return not self._given[ended.id].is_told and now < ended.ended_at + STILL_AT_IT_MS

    def mode_of(self, account: AccountInfo) -> ReplyMode:
        """Return how replies of the account go now. A worker that was not here yet can do what the owner chose."""
        able = self._workers.capabilities_of(account.worker) if account.worker is not None else ()
        if able is None:
            able = ("reply", "window") if account.config.get("reply_mode") is not None else ()
        return reply_mode_of(account.config, able)

    def _given_over(self, account_id: str, reply_id: str, outcome: Outcome) -> None:
        reply = outcome.view.replies.get(reply_id) if isinstance(outcome, Done) else None
        if (
            not isinstance(outcome, Done)
            or reply is None
            or reply.state != "typing"
            or not self._workers.order(account_id, make_request(outcome.view, reply))
        ):
            self._given.pop(reply_id, None)

    def _move(
        self, account_id: str, reply: Reply, step: ReplyStep, then: Callable[[Outcome], None] = lambda _outcome: None
    ) -> None:
        def answer(outcome: Outcome) -> None:
            self._busy.discard(account_id)
            if not isinstance(step, HandedOver):
                self._given.pop(reply.id, None)
            then(outcome)
            self._wake.set()
            if isinstance(step, HoldEnded) and isinstance(outcome, Done):
                self._look_at(account_id)  # it may go at once

        change = ReplyMoved(reply_id=reply.id, step=step)
        job = Job(account_id=account_id, make=as_change(change), actor=HUB, answer=answer)
        self._busy.add(account_id)
        if not self._submit(job):  # too much is waiting: the next look tries again
            self._busy.discard(account_id)
            self._given.pop(reply.id, None)

    # -- what workers say

    def answered(self, request_id: str | None, ack: Ack, connection: int) -> None:
        """Take a worker's answer to a request: one that it does not take up is asked again later.

        Nobody but the `connection` that was asked can refuse.
        """
        reply_id, _, attempt = (request_id or "").rpartition("/")
        given = self._given.get(reply_id)
        if ack.success or given is None or (attempt, connection) != (str(given.attempt), given.connection):
            return
        del self._given[reply_id]
        account_id = account_of_reply(reply_id) or ""
        self._again_at[account_id] = self._clock() + max(AGAIN_MS, ack.retry_after_ms or 0)

    def progressed(self, message: ReplyProgress, worker: str, lease_epoch: int, send: Send) -> None:
        """Answer a worker that types, or asks to press: the permission is durable before it is given."""
        account_id = account_of_reply(message.reply_id) or ""
        view = self._get_view(account_id)
        reply = view.replies.get(message.reply_id) if view.pending_replies else None
        attempt = message.attempt or (reply.attempt if reply is not None else 0)
        given = self._given.get(message.reply_id)
        is_its = reply is not None and (reply.state, reply.worker, reply.attempt) == ("typing", worker, attempt)
        if reply is None or given is None or given.attempt != attempt or not is_its:  # it was handed back, or never its
            send(_stop(NOT_PERMITTED, "this reply is not, or no longer, the worker's to send"))
            return
        if message.state == "typing":
            send(ReplyProgressAck(success=True))
            return

        def answer(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                send(_stop(outcome.code, outcome.message, outcome.retry_after_ms))
            elif outcome.changed:
                send(ReplyProgressAck(success=True))
            else:
                send(_stop(NOT_PERMITTED, "it was permitted before, taken back, or comes too late"))

        change = ReplyMoved(reply_id=reply.id, step=to_asked(reply, message, worker))
        self._write(account_id, change, worker, lease_epoch, answer, lambda: send(_stop("busy", "too much is waiting")))

    def resulted(self, message: ReplyResult, worker: str, send: Send) -> None:
        """Make a worker's result durable, then acknowledge it: whatever lease it has by now, it knows what it did."""
        account_id = account_of_reply(message.reply_id) or ""
        if account_id not in self._get_directory().accounts:
            send(_forget())
            return
        given = self._given.get(message.reply_id)
        if given is not None and message.attempt in (None, given.attempt):
            given.is_told = True

        known = [False]  # looked up where a body that is out of memory may be read

        def make(view: View, _now: int, _check: Check) -> Validated:
            reply = view.replies.get(message.reply_id)
            known.append(reply is not None)
            step = Resulted(0, worker, "failed") if reply is None else to_resulted(view, reply, message, worker)
            return Validated(ReplyMoved(reply_id=message.reply_id, step=step), [])

        def answer(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                refusal = {"error_code": outcome.code, "error_message": outcome.message}
                send(ReplyResultAck(success=False, retry_after_ms=outcome.retry_after_ms, **refusal))
            elif known[-1]:
                send(ReplyResultAck(success=True))
            else:
                send(_forget())

        job = Job(account_id=account_id, make=make, actor=Actor(f"worker:{worker}"), answer=answer)
        if not self._submit(job):
            send(ReplyResultAck(success=False, error_code="busy", error_message="too much is waiting"))

    def _write(
        self,
        account_id: str,
        change: ReplyMoved,
        worker: str,
        lease_epoch: int,
        answer: Callable[[Outcome], None],
        busy: Callable[[], None],
    ) -> None:
        job = Job(
            account_id=account_id,
            make=as_change(change),
            actor=Actor(f"worker:{worker}"),
            answer=answer,
            lease_epoch=lease_epoch,
        )
        if not self._submit(job):
            busy()


def _stop(code: str, message: str, retry_after_ms: int | None = None) -> ReplyProgressAck:
    return ReplyProgressAck(success=False, error_code=code, error_message=message, retry_after_ms=retry_after_ms)


def _forget() -> ReplyResultAck:
    message = "the hub knows no such reply any more"
    return ReplyResultAck(success=False, error_code=UNKNOWN_REPLY, error_message=message)
