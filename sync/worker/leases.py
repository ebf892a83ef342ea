"""The accounts that one connection was given, under which leases, and what changes in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from sync.core.lists.reply_queue import is_pressing_under_another
from sync.directory import AccountInfo
from sync.protocol.messages import AssignedAccount, Register, TaskAssign, TaskRevoke, WireMessage
from sync.worker.ports import WorkerPorts
from sync.worker.presence import assigned

ENVELOPE_BYTES: Final = 4_096


class Leases:
    """The leases of one worker on one connection. `confidential`: browser sessions may travel on it."""

    def __init__(
        self, ports: WorkerPorts, worker: str, send: Callable[[WireMessage], None], *, confidential: bool
    ) -> None:
        self._ports = ports
        self._worker = worker
        self._send = send
        self._confidential = confidential
        self._register: Register | None = None
        self.held: dict[str, int] = {}

    @property
    def registered(self) -> bool:
        """Return whether the worker has registered on this connection."""
        return self._register is not None

    async def prepare(self, register: Register) -> Mapping[str, AssignedAccount]:
        """Return what the worker may be given, by account id, read from the database. Assigns nothing until `grant`."""
        self._register = None
        accounts = self._assigned(register)
        return {account.id: await self._describe(account) for account in accounts}

    def grant(self, register: Register, prepared: Mapping[str, AssignedAccount]) -> list[AssignedAccount]:
        """Assign those of the prepared accounts that are still the worker's. Call `follow` once they were sent."""
        self._register = register
        accounts = self._assigned(register)
        given = [a for a in accounts if a.id in prepared and prepared[a.id].lease_epoch == a.lease_epoch]
        given = self._what_fits(given, prepared)
        self.held = {account.id: account.lease_epoch for account in given}
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
            self._send(TaskRevoke(account_id=account_id))
        fresh = [a for a in accounts if self.held.get(a.id) != a.lease_epoch]
        self.held |= {account.id: account.lease_epoch for account in fresh}
        if fresh:
            self._ports.spawn(self._assign(fresh))

    def _assigned(self, register: Register) -> list[AccountInfo]:
        """Return the accounts that the worker is to have now.

        One with a reply that another worker may be pressing at this moment comes when that has ended.
        """
        accounts, _ = assigned(self._ports.get_directory(), self._worker, register)
        get_view = self._ports.get_view
        return [one for one in accounts if not is_pressing_under_another(get_view(one.id), one.lease_epoch)]

    def end(self) -> None:
        """End all leases: the connection is closing, and nothing that it says counts any more."""
        self._register = None
        self.held.clear()

    async def _assign(self, accounts: list[AccountInfo]) -> None:
        for account in accounts:
            message = TaskAssign(account=await self._describe(account))
            if self.held.get(account.id) == account.lease_epoch:
                self._send(message)

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
