"""The workers that are connected now, what they report, and the accounts that each of them crawls."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal, Protocol

from msgspec import Struct

from sync.account_holders import AccountHolders
from sync.directory import AccountInfo, Directory
from sync.protocol.login_messages import CAN_LOG_IN
from sync.protocol.messages import AccountUse, Heartbeat, Register, WireMessage, WorkerStatus
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
    capabilities: list[str] = []
    host_id: str = ""
    is_confidential: bool = False
    silent_ms: int = 0
    """For how long the worker had said nothing when this was made."""
    uses: Mapping[str, AccountUse] = {}
    """What each of them takes in its browser, as it reports."""


class WorkerLink(Protocol):
    """One open connection of a worker, as the tracker sees it."""

    @property
    def number(self) -> int:
        """Return a number that is greater than that of every earlier connection."""

    def close(self, code: int, reason: str) -> None:
        """Close the socket."""

    @property
    def is_confidential(self) -> bool:
        """Return whether browser sessions may travel on it."""
        ...

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
    """Knows the connections of workers by the workers' names. Lives on the event loop. `clock`: ms UTC.

    `holders`: who may have which browser open. `on_crash` is called with the name of a worker that comes again after
    its process ended without a goodbye.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.holders = AccountHolders()
        self.on_crash: Callable[[str], None] = lambda _name: None
        self._connected: dict[str, _Connected] = {}
        self._left_at: dict[str, int] = {}
        self._heard_at: dict[str, int] = {}
        self._instances: dict[str, str] = {}
        self._came_at: dict[str, int] = {}
        self._said_goodbye: dict[str, int] = {}
        self._hosts: dict[str, str] = {}
        self._host_ids: dict[str, str] = {}
        self._capabilities: dict[str, frozenset[str]] = {}
        self._numbers = itertools.count(1)
        self._elsewhere: Mapping[str, WorkerPresence] = {}
        self._left_elsewhere: Mapping[str, int] = {}
        self.changed: Callable[[], None] = lambda: None
        """Called when a worker came or went here."""
        self.is_cut_off: Callable[[], bool] = lambda: False
        """Whether other hubs hear nothing of this one: then it must not say anything to workers, which go on for as
        long as they are answered.
        """
        self.pass_on: Callable[[str, WireMessage], bool] = lambda _account_id, _message: False
        """Has the hub that has the worker of an account send it an order. Returns whether it may be passed on."""

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
        was = self._instances.get(name, "")
        has_crashed = bool(was) and register.instance not in ("", was) and name not in self._said_goodbye
        self._heard_at[name] = self._clock()
        self._instances[name] = register.instance
        self._said_goodbye.pop(name, None)
        self._came_at[name] = self._clock()
        self._connected[name] = _Connected(link, register, token_hash, self._clock())
        self._hosts[name] = register.host
        self._host_ids[name] = register.host_id
        self._capabilities[name] = frozenset(register.capabilities)
        if older is not None and older.link is not link:
            older.link.close(REPLACED, TOOK_OVER)
        if has_crashed:
            self.on_crash(name)
        self.changed()

    def disconnect(self, name: str, link: WorkerLink) -> None:
        """Remove the worker, unless a later connection has taken its place."""
        connected = self._connected.get(name)
        if connected is not None and connected.link is link:
            del self._connected[name]
            self._left_at[name] = self._clock()
            self.changed()

    def set_elsewhere(self, workers: Mapping[str, WorkerPresence], left: Mapping[str, int] | None = None) -> None:
        """Take the workers that are connected to other hubs, by name. One that came there later has left here.

        `left`: when others said goodbye to another hub, ms UTC.
        """
        for name in self._elsewhere.keys() - workers.keys():
            self._left_at[name] = self._clock()
        self._elsewhere, self._left_elsewhere = workers, left or {}
        for name, presence in workers.items():
            self._said_goodbye.pop(name, None)
            self._came_at[name] = max(presence.connected_at, self._came_at.get(name, 0))
            here = self._connected.get(name)
            if here is not None and here.connected_at < presence.connected_at:
                here.link.close(REPLACED, TOOK_OVER)
            elif here is None:
                self._hosts[name] = presence.host
                self._capabilities[name] = frozenset(presence.capabilities)

    def heard_elsewhere(self, name: str, at: int) -> None:
        """Take notice that another hub heard the worker at `at` (ms UTC), which has not gone since."""
        known = self._heard_at.get(name, 0)
        self._heard_at[name] = at if known > self._clock() else max(at, known)  # the clock may have been set back

    @property
    def farewells(self) -> dict[str, int]:
        """Return when workers said goodbye to this hub that did not come again since, by name. ms UTC."""
        return dict(self._said_goodbye)

    def is_elsewhere(self, name: str) -> bool:
        """Return whether the worker is connected to another hub, and not here."""
        return name in self._elsewhere and name not in self._connected

    def is_given_elsewhere(self, account: AccountInfo) -> bool:
        """Return whether the worker of the account is connected to another hub, and was given it there."""
        name = account.worker or ""
        return self.is_elsewhere(name) and account.id in self._elsewhere[name].accounts

    def heartbeat(self, name: str, link: WorkerLink, heartbeat: Heartbeat) -> None:
        """Keep what the worker reports of its machine."""
        connected = self._connected.get(name)
        if connected is not None and connected.link is link:
            connected.heartbeat = heartbeat
            connected.heartbeat_at = self._clock()

    # -- signs of life

    def heard(self, name: str, link: WorkerLink) -> None:
        """Take notice that the worker said something."""
        connected = self._connected.get(name)
        if connected is not None and connected.link is link:
            self._heard_at[name] = self._clock()

    def said_goodbye(self, name: str, link: WorkerLink) -> None:
        """Take notice that the worker ends, and has stopped its browsers."""
        connected = self._connected.get(name)
        if connected is not None and connected.link is link:
            self._said_goodbye[name] = self._clock()
            self.changed()

    def has_left(self, name: str) -> bool:
        """Return whether the worker said goodbye, and did not come again since."""
        if name in self._said_goodbye:
            return True
        left_at = self._left_elsewhere.get(name)  # other hubs repeat it until they heard that it came again
        return left_at is not None and left_at >= self._came_at.get(name, 0) and not self.is_connected(name)

    def heard_at(self, name: str) -> int | None:
        """Return when the worker said something last, ms UTC; None if it was not here since the start of the hub."""
        return self._heard_at.get(name)

    def close_all(self, code: int, reason: str) -> None:
        """Close the connections of all workers."""
        for connected in list(self._connected.values()):
            connected.link.close(code, reason)

    def directory_changed(self, directory: Directory) -> None:
        """Close the connections whose token is no longer good; the others learn their accounts."""
        for name, connected in list(self._connected.items()):
            worker = directory.workers.get(name)
            if worker is None or worker.token_hash != connected.token_hash:
                connected.link.close(REVOKED, "the token of this worker was replaced")
            else:
                connected.link.assignments_changed()
        self.changed()

    def order(self, account_id: str, message: WireMessage) -> bool:
        """Send an order about an account to the worker that was given it, at whichever hub. Return whether one was."""
        if self.order_here(account_id, message):
            return True
        is_elsewhere = any(account_id in one.accounts for one in self._elsewhere.values())
        return is_elsewhere and self.pass_on(account_id, message)

    def order_here(self, account_id: str, message: WireMessage) -> bool:
        """Send an order about an account to its worker, if it is connected here. Return whether it is."""
        taken = [connected.link.order(account_id, message) for connected in self._connected.values()]
        return any(taken)

    def assignments_changed(self) -> None:
        """Have every connection compare what it was given with what it is to have."""
        for connected in list(self._connected.values()):
            connected.link.assignments_changed()
        self.changed()

    def lease_of(self, account: AccountInfo) -> int | None:
        """Return the number of the connection that was given the account under its present lease, or None."""
        connected = self._connected.get(account.worker or "")
        held = connected.link.leases.get(account.id) if connected is not None else None
        return connected.link.number if connected is not None and held == account.lease_epoch else None

    def capabilities_of(self, name: str) -> frozenset[str] | None:
        """Return what the worker said last that it can do; None if it was not here since the start of the hub."""
        return self._capabilities.get(name)

    def is_connected(self, name: str) -> bool:
        """Return whether the worker is connected at this very moment, to whichever hub."""
        return name in self._connected or name in self._elsewhere

    def can_log_in(self, name: str) -> bool:
        """Return whether the worker is connected, and knows logins that people ask for at the hub."""
        return self.is_connected(name) and CAN_LOG_IN in self._capabilities.get(name, ())

    # -- what they say

    def is_online(self, name: str) -> bool:
        """Return whether the worker is connected, or lost its connection less than GRACE_MS ago."""
        left_at = self._left_at.get(name)
        return self.is_connected(name) or (left_at is not None and self._clock() - left_at < GRACE_MS)

    def host_of(self, name: str) -> str:
        """Return the computer where the worker was last; its own name if it was not here since the start."""
        return self._hosts.get(name) or name

    def host_id_of(self, name: str) -> str:
        """Return the machine where the worker was last, as it named it; empty if it did not, or was not here."""
        return self._host_ids.get(name, "")

    def has_come(self, name: str) -> bool:
        """Return whether the worker was connected since the start of the hub."""
        return name in self._hosts

    def has_no_place(self, account: AccountInfo, directory: Directory) -> bool:
        """Return whether the worker of the account is connected, and its places are taken by other accounts."""
        present = self.get(account.worker or "")
        if present is None or account.id in present.accounts:
            return False
        _, waiting = assigned(directory, present.name, present)
        return any(one.id == account.id for one in waiting)

    def online(self) -> list[WorkerPresence]:
        """Return the workers that are connected to any hub, by name."""
        everywhere = {**self._elsewhere, **{one.name: one for one in self.online_here()}}
        return [one for _, one in sorted(everywhere.items())]

    def online_here(self) -> list[WorkerPresence]:
        """Return the workers that are connected to this hub, by name."""
        return [self._presence(name, connected) for name, connected in sorted(self._connected.items())]

    def get(self, name: str) -> WorkerPresence | None:
        """Return what the worker reports of itself; None when it is not connected."""
        connected = self._connected.get(name)
        return self._presence(name, connected) if connected is not None else self._elsewhere.get(name)

    def worker_status(self, account: AccountInfo, reported: WorkerStatus | None) -> ShownStatus:
        """Return the worker's part of the account's state: unassigned, offline, waiting, or what was `reported`."""
        if account.worker is None:
            return "unassigned"
        connected = self._connected.get(account.worker)
        leases = connected.link.leases if connected is not None else self._leases_elsewhere(account.worker)
        if leases is None:
            return "offline"
        return reported or "waiting" if account.id in leases else "waiting"

    def _leases_elsewhere(self, name: str) -> Collection[str] | None:
        presence = self._elsewhere.get(name)
        return presence.accounts if presence is not None else None

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
            capabilities=sorted(connected.register.capabilities),
            host_id=connected.register.host_id,
            is_confidential=connected.link.is_confidential,
            silent_ms=max(0, self._clock() - self._heard_at.get(name, connected.connected_at)),
            uses=heartbeat.accounts if heartbeat else {},
        )


def assigned(
    directory: Directory, worker: str, register: Register | WorkerPresence
) -> tuple[list[AccountInfo], list[AccountInfo]]:
    """Return (accounts that the worker crawls, accounts that wait for a place). A limit of 0 is none."""
    accounts, most = directory.accounts_of(worker), count_places(directory, worker, register)
    places = len(accounts) if most is None else most
    return accounts[:places], accounts[places:]


def count_places(directory: Directory, worker: str, register: Register | WorkerPresence) -> int | None:
    """Return how many accounts the worker may crawl at once; None for any number."""
    info = directory.workers.get(worker)
    limits = [limit for limit in (register.max_accounts, info.max_accounts if info else 0) if limit]
    return min(limits, default=None)
