"""The workers that are connected now, what they report, and the accounts that each of them crawls."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final, Literal, Protocol

from msgspec import Struct

from sync.directory import AccountInfo, Directory
from sync.protocol.login_messages import CAN_LOG_IN
from sync.protocol.messages import Heartbeat, Register, WireMessage, WorkerStatus
from sync.protocol.times import Clock

ShownStatus = WorkerStatus | Literal["unassigned", "offline"]

GRACE_MS: Final = 5_000
REPLACED: Final = 4000
TOOK_OVER: Final = "a newer connection of this worker took over"
REVOKED: Final = 4001


class WorkerPresence(Struct, frozen=True, kw_only=True):
    """A connected worker. Times are ms UTC."""

    name: str
    host: str
    version: str
    connected_at: int
    last_heartbeat_at: int
    max_accounts: int
    active_tasks: int = 0
    memory_mb: float = 0
    cpu_percent: float = 0
    accounts: list[str] = []


class WorkerLink(Protocol):
    """One open connection of a worker, as the tracker sees it."""

    @property
    def number(self) -> int:
        """Return a number that is greater than that of every earlier connection."""

    def close(self, code: int, reason: str) -> None:
        """Close the socket."""

    @property
    def leases(self) -> Mapping[str, int]:
        """Return account id -> lease epoch of the accounts that it was given."""
        ...

    def assignments_changed(self) -> None:
        """Compare the directory with what this connection was given, and send the difference."""
        ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        """Send an order about an account, if this connection was given it. Return whether it was."""
        ...


class _Connected:
    def __init__(self, link: WorkerLink, register: Register, token_hash: str, now: int) -> None:
        self.link = link
        self.register = register
        self.token_hash = token_hash
        self.connected_at = now
        self.heartbeat: Heartbeat | None = None
        self.heartbeat_at = now


class PresenceTracker:
    """Knows the connections of workers by the workers' names. Lives on the event loop. `clock`: ms UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._connected: dict[str, _Connected] = {}
        self._left_at: dict[str, int] = {}
        self._hosts: dict[str, str] = {}
        self._capabilities: dict[str, frozenset[str]] = {}
        self._numbers = itertools.count(1)

    # -- connections

    def next_number(self) -> int:
        """Return the number for a connection that was just opened."""
        return next(self._numbers)

    def is_replaced(self, name: str, link: WorkerLink) -> bool:
        """Return whether a later connection has registered: nobody waits for what the older one says."""
        connected = self._connected.get(name)
        return connected is not None and connected.link.number > link.number

    def connect(self, name: str, link: WorkerLink, register: Register, token_hash: str) -> None:
        """Enter a connection that has registered. An older one of the same worker is closed."""
        older = self._connected.get(name)
        self._connected[name] = _Connected(link, register, token_hash, self._clock())
        self._hosts[name] = register.host
        self._capabilities[name] = frozenset(register.capabilities)
        if older is not None and older.link is not link:
            older.link.close(REPLACED, TOOK_OVER)

    def disconnect(self, name: str, link: WorkerLink) -> None:
        """Remove the worker, unless a later connection has taken its place."""
        connected = self._connected.get(name)
        if connected is not None and connected.link is link:
            del self._connected[name]
            self._left_at[name] = self._clock()

    def heartbeat(self, name: str, link: WorkerLink, heartbeat: Heartbeat) -> None:
        """Keep what the worker reports of its machine."""
        connected = self._connected.get(name)
        if connected is not None and connected.link is link:
            connected.heartbeat = heartbeat
            connected.heartbeat_at = self._clock()

    def directory_changed(self, directory: Directory) -> None:
        """Close the connections whose token is no longer good; the others learn their accounts."""
        for name, connected in list(self._connected.items()):
            worker = directory.workers.get(name)
            if worker is None or worker.token_hash != connected.token_hash:
                connected.link.close(REVOKED, "the token of this worker was replaced")
            else:
                connected.link.assignments_changed()

    def order(self, account_id: str, message: WireMessage) -> bool:
        """Send an order about an account to the worker that was given it. Return whether one was."""
        taken = [connected.link.order(account_id, message) for connected in self._connected.values()]
        return any(taken)

    def assignments_changed(self) -> None:
        """Have every connection compare what it was given with what it is to have."""
        for connected in list(self._connected.values()):
            connected.link.assignments_changed()

    def lease_of(self, account: AccountInfo) -> int | None:
        """Return the number of the connection that was given the account under its present lease, or None."""
        connected = self._connected.get(account.worker or "")
        held = connected.link.leases.get(account.id) if connected is not None else None
        return connected.link.number if connected is not None and held == account.lease_epoch else None

    def capabilities_of(self, name: str) -> frozenset[str] | None:
        """Return what the worker said last that it can do; None if it was not here since the start of the hub."""
        return self._capabilities.get(name)

    def is_connected(self, name: str) -> bool:
        """Return whether the worker is connected at this very moment."""
        return name in self._connected

    def can_log_in(self, name: str) -> bool:
        """Return whether the worker is connected, and knows logins that people ask for at the hub."""
        connected = self._connected.get(name)
        return connected is not None and CAN_LOG_IN in connected.register.capabilities

    # -- what they say

    def is_online(self, name: str) -> bool:
        """Return whether the worker is connected, or lost its connection less than GRACE_MS ago."""
        left_at = self._left_at.get(name)
        return name in self._connected or (left_at is not None and self._clock() - left_at < GRACE_MS)

    def host_of(self, name: str) -> str:
        """Return the computer where the worker was last; its own name if it was not here since the start."""
        return self._hosts.get(name) or name

    def has_come(self, name: str) -> bool:
        """Return whether the worker was connected since the start of the hub."""
        return name in self._hosts

    def has_no_place(self, account: AccountInfo, directory: Directory) -> bool:
        """Return whether the worker of the account is connected, and its places are taken by other accounts."""
        connected = self._connected.get(account.worker or "")
        if connected is None or account.id in connected.link.leases:
            return False
        _, waiting = assigned(directory, account.worker or "", connected.register)
        return any(one.id == account.id for one in waiting)

    def online(self) -> list[WorkerPresence]:
        """Return the connected workers, by name."""
        return [self._presence(name, connected) for name, connected in sorted(self._connected.items())]

    def get(self, name: str) -> WorkerPresence | None:
        """Return what the worker reports of itself; None when it is not connected."""
        connected = self._connected.get(name)
        return self._presence(name, connected) if connected is not None else None

    def worker_status(self, account: AccountInfo, reported: WorkerStatus | None) -> ShownStatus:
        """Return the worker's part of the account's state: unassigned, offline, waiting, or what was `reported`."""
        if account.worker is None:
            return "unassigned"
        connected = self._connected.get(account.worker)
        if connected is None:
            return "offline"
        return reported or "waiting" if account.id in connected.link.leases else "waiting"

    def _presence(self, name: str, connected: _Connected) -> WorkerPresence:
        heartbeat = connected.heartbeat
        return WorkerPresence(
            name=name,
            host=connected.register.host,
            version=connected.register.version,
            connected_at=connected.connected_at,
            last_heartbeat_at=connected.heartbeat_at,
            max_accounts=connected.register.max_accounts,
            active_tasks=heartbeat.active_tasks if heartbeat else 0,
            memory_mb=heartbeat.memory_mb if heartbeat else 0,
            cpu_percent=heartbeat.cpu_percent if heartbeat else 0,
            accounts=sorted(connected.link.leases),
        )


def assigned(directory: Directory, worker: str, register: Register) -> tuple[list[AccountInfo], list[AccountInfo]]:
    """Return (accounts that the worker crawls, accounts that wait for a place). A limit of 0 is none."""
    accounts = directory.accounts_of(worker)
    info = directory.workers.get(worker)
    limits = [limit for limit in (register.max_accounts, info.max_accounts if info else 0) if limit]
    places = min(limits, default=len(accounts))
    return accounts[:places], accounts[places:]
