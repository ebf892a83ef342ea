"""The accounts that one connection was given, under which leases, and what changes in them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Self

import msgspec
import structlog

from sync.core.lists.reply_queue import is_pressing_under_another
from sync.directory import AccountInfo
from sync.protocol.account_config import list_orders
from sync.protocol.messages import AssignedAccount, Register, TaskAssign, TaskRevoke, WireMessage
from sync.storage.database_errors import find_trouble
from sync.worker.ports import WorkerPorts
from sync.worker.presence import assigned

log = structlog.get_logger(__name__)

ENVELOPE_BYTES: Final = 4_096
AGAIN_S: Final = 1.0
"""After the database did not answer."""
ANSWERS_MS: Final = 60_000
"""A worker that is there, and answers no revocation for so long, is not waited for on its connection."""


class _Told(NamedTuple):
    """The owner's facts of an account that a worker follows, as it was told them."""

    number: str | None
    orders: Mapping[str, Any]

    @classmethod
    def of(cls, account: AccountInfo) -> Self:
        return cls(account.platform_user_id, list_orders(account.config))


class _Revocation(NamedTuple):
    """A request, and since when its answer is waited for, ms UTC."""

    request_id: str
    at: int


class _Order(NamedTuple):
    """A message about an account that waits to be sent, and the id of its request."""

    message: WireMessage
    request_id: str | None


class Leases:
    """The leases of one worker on one connection. `confidential`: browser sessions may travel on it."""

    def __init__(
        self, ports: WorkerPorts, worker: str, send: Callable[[WireMessage, str | None], None], *, confidential: bool
    ) -> None:
        self._ports = ports
        self._worker = worker
        self._send = send
        self._confidential = confidential
        self._holders = ports.presence.holders
        self._register: Register | None = None
        self._revoking: dict[str, _Revocation] = {}
        """Account -> the request that revoked it last and was not answered."""
        self._revocations = itertools.count(1)
        self._is_settled = False
        self.held: dict[str, int] = {}
        self._told: dict[str, _Told] = {}
        self._on_the_way: dict[str, list[_Order]] = {}
        """Account -> the orders that follow it: its session is being read, and it was not sent yet."""

    @property
    def registered(self) -> bool:
        """Return whether the worker has registered on this connection."""
        return self._register is not None

    async def prepare(self, register: Register) -> Mapping[str, AssignedAccount]:
        """Return what the worker may be given, by account id, read from the database. Assigns nothing until `grant`."""
        self._register = None
        if self._ports.note_coming is not None:
            await self._ports.note_coming(self._worker)
        accounts = self._assigned(register)
        self._told = {account.id: _Told.of(account) for account in accounts}
        return {account.id: await self._describe(account) for account in accounts}

    def grant(self, register: Register, prepared: Mapping[str, AssignedAccount]) -> list[AssignedAccount]:
        """Assign those of the prepared accounts that are still the worker's. Call `follow` once they were sent."""
        self._register = register
        accounts = self._assigned(register)
        given = [a for a in accounts if a.id in prepared and prepared[a.id].lease_epoch == a.lease_epoch]
        given = self._what_fits(given, prepared)
        self.held = {account.id: account.lease_epoch for account in given}
        self._is_settled = False
        self._revoking.clear()
        self._on_the_way.clear()
        self._note_given(register, given)
        return [prepared[account.id] for account in given]

    def _what_fits(self, given: list[AccountInfo], prepared: Mapping[str, AssignedAccount]) -> list[AccountInfo]:
        """Return as many accounts as one frame holds; the others are assigned one by one."""
        room = self._ports.limits.frame_bytes - ENVELOPE_BYTES
        fitting = []
        for account in given:
            room -= len(msgspec.json.encode(prepared[account.id])) + 1
            if room >= 0:
                fitting.append(account)
        return fitting

    def follow(self) -> None:
        """Send the worker the accounts that came and went since it was last told."""
        if self._register is None:
            return
        accounts = self._assigned(self._register)
        wanted = {account.id for account in accounts}
        for account_id in [i for i in self.held if i not in wanted]:
            del self.held[account_id]
            if self._on_the_way.pop(account_id, None):
                self._ports.logins_lost([account_id])  # the login that was asked for goes to no worker
            asked = _Revocation(f"revoke-{next(self._revocations)}", self._ports.clock())
            self._revoking[account_id] = asked
            self._send(TaskRevoke(account_id=account_id), asked.request_id)
        fresh = [a for a in accounts if self.held.get(a.id) != a.lease_epoch or self._is_news(a)]
        self.held |= {account.id: account.lease_epoch for account in fresh}
        self._told |= {account.id: _Told.of(account) for account in fresh}
        for account in fresh:
            self._on_the_way.setdefault(account.id, [])
        self._note_given(self._register, fresh)
        if fresh:
            self._ports.spawn(self._assign(fresh))

    def _note_given(self, register: Register, accounts: list[AccountInfo]) -> None:
        if not register.host_id:  # an older worker, which may answer no revocation: nobody waits for it
            return
        for account in accounts:
            self._holders.given(self._worker, account.id)

    def _is_news(self, account: AccountInfo) -> bool:
        return self._told.get(account.id) != _Told.of(account)

    def heard(self, request_id: str | None, *, is_revoked: bool) -> None:
        """Take notice that the worker said something, for then it has followed the registration. `is_revoked`: it is
        the answer to a revocation, so that the browser is closed.
        """
        news = False
        if not self._is_settled:
            self._is_settled = True
            news = self._holders.closed_but(self._worker, {*self.held, *self._revoking})
        answered = (id for id, asked in self._revoking.items() if is_revoked and asked.request_id == request_id)
        closed = next(answered, None)
        if closed is not None:
            now = self._ports.clock()  # it closes one browser after the other: the others have time from now on
            self._revoking = {id: asked._replace(at=now) for id, asked in self._revoking.items() if id != closed}
            if closed not in self.held:
                news |= self._holders.closed(self._worker, closed)
        if news:
            self._ports.presence.assignments_changed()

    @property
    def unanswered(self) -> str | None:
        """Return an account whose revocation this worker, which is there, did not answer for ANSWERS_MS; None if there
        is none, and for workers that may answer none.
        """
        if self._register is None or not self._register.host_id:
            return None
        latest = self._ports.clock() - ANSWERS_MS
        return next((id for id, asked in self._revoking.items() if asked.at <= latest), None)

    def _assigned(self, register: Register) -> list[AccountInfo]:
        """Return the accounts that the worker is to have now.

        One comes later of which another worker may have a browser open, or be pressing a reply at this moment.
        """
        accounts, _ = assigned(self._ports.get_directory(), self._worker, register)
        return [one for one in accounts if not self._is_busy_elsewhere(one)]

    def _is_busy_elsewhere(self, account: AccountInfo) -> bool:
        if not self._ports.may_give(account) or self._holders.is_held_by_another(self._worker, account.id):
            return True
        return is_pressing_under_another(self._ports.get_view(account.id), account.lease_epoch)

    def end(self) -> None:
        """End all leases: the connection is closing, and nothing that it says counts any more."""
        self._register = None
        self.held.clear()
        self._on_the_way.clear()

    def order(self, account_id: str, message: WireMessage, request_id: str | None) -> bool:
        """Send an order about an account that the worker was given, and return whether it was.

        It never arrives before its account: the worker would refuse it, as it refuses one on an account of others.
        """
        if account_id not in self.held:
            return False
        if account_id in self._on_the_way:
            self._on_the_way[account_id].append(_Order(message, request_id))
        else:
            self._send(message, request_id)
        return True

    async def _assign(self, accounts: list[AccountInfo]) -> None:
        for account in accounts:
            try:
                described = await self._describe_at_last(account)
            except Exception:  # the others are given all the same, and the worker refuses orders about this one
                log.exception("an account could not be given to its worker", account=account.id)
                self._send_orders(account.id)
                continue
            if described is not None and self._is_as_told(account):
                self._send(TaskAssign(account=described), None)
                self._send_orders(account.id)

    def _send_orders(self, account_id: str) -> None:
        """Send the orders that waited for the account."""
        for order in self._on_the_way.pop(account_id, ()):
            self._send(order.message, order.request_id)

    def _is_as_told(self, account: AccountInfo) -> bool:
        return self.held.get(account.id) == account.lease_epoch and not self._is_news(account)

    async def _describe_at_last(self, account: AccountInfo) -> AssignedAccount | None:
        """Describe an account for the worker as soon as the database answers; None once that is not wanted any more."""
        while self._is_as_told(account):
            try:
                return await self._describe(account)
            except Exception as error:
                if find_trouble(error) is None:
                    raise
                await asyncio.sleep(AGAIN_S)
        return None

    async def _describe(self, account: AccountInfo) -> AssignedAccount:
        """Describe an account for the worker.

        The account's number at the platform is the owner's, else the one seen first: another login is refused.
        """
        seen = self._ports.get_view(account.id).report.profile.platform_user_id
        return AssignedAccount(
            account_id=account.id,
            platform=account.platform,
            name=account.name,
            platform_user_id=account.platform_user_id or seen,
            lease_epoch=account.lease_epoch,
            config=dict(account.config),
            storage_state=await self._ports.load_session(account.id) if self._confidential else None,
        )
