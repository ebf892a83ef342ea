"""The parts of the running hub that a worker's connection needs. A test brings its own, and no hub runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from sync.core.account.view import View
from sync.directory import AccountInfo, Directory
from sync.protocol.login_messages import LoginReport
from sync.protocol.messages import AccountStatus, Ack, DataDelta, DataSnapshot, DataSync, DataSyncAck
from sync.protocol.reply_messages import ReplyProgress, ReplyResult
from sync.protocol.times import Clock
from sync.worker.frame_reader import ReadFrame, read_here
from sync.worker.open_parts import PartBudget
from sync.worker.presence import PresenceTracker
from sync.writing.jobs import Answer

Send = Callable[[DataSyncAck], None]


class Limits(NamedTuple):
    """The largest frame, and the largest snapshot of all its parts, in bytes."""

    frame_bytes: int
    snapshot_bytes: int


class Sender(NamedTuple):
    """A worker's name, and the lease epoch under which it writes."""

    worker: str
    lease_epoch: int


class Receiver(Protocol):
    """Takes what a worker sends of an account. `send` gets the ack once it is durable, or the refusal."""

    def receive_snapshot(self, parts: Sequence[DataSync], size: int, digest: bytes, sender: Sender, send: Send) -> None:
        """Take all parts of one snapshot, in order. `size`: bytes of their frames; `digest`: of their items."""

    def receive_delta(self, delta: DataDelta, timestamp: int, size: int, sender: Sender, send: Send) -> None:
        """Take a delta. `timestamp`: ms UTC, of its frame; `size`: bytes of its frame."""

    def receive_status(self, status: AccountStatus, sender: Sender, answer: Answer) -> bool:
        """Take a report on the account. Return False, without an answer, when it says nothing new."""


class Replies(Protocol):
    """Takes what a worker says of the replies that it sends. `send` gets the ack once it is durable, or the refusal."""

    def answered(self, request_id: str | None, ack: Ack, connection: int) -> None:
        """Take the answer to a request of the hub. `connection`: the number of the one that it came by."""

    def progressed(self, message: ReplyProgress, worker: str, lease_epoch: int, send: Callable[[Ack], None]) -> None:
        """Take what the worker of this lease says of a reply that is under way."""

    def resulted(self, message: ReplyResult, worker: str, send: Callable[[Ack], None]) -> None:
        """Take how a reply ended."""


class WorkerPorts(Struct, frozen=True, kw_only=True):
    """The hub as a worker's connection sees it.

    `get_directory`: accounts and workers as they are now; `refresh_directory`: read them from the database again.
    `part_budget`: the memory of all connections for open sets of parts.
    `load_session` and `save_session`: the stored browser session of an account, None without one.
    `make_snapshot`: what `sync.worker.snapshot` makes of a view, off the event loop.
    `note_login`: a worker's report on a login; False if nobody waits for it. `logins_lost`: nothing more comes of these
    accounts' logins.
    `replies`: takes what is said of replies; None: the worker is asked for none. `may_give`: whether an account may be
    given to its worker now.
    `read_large`: reads a frame that is too large for one turn of the event loop.
    `note_coming`: a worker of this name is about to be given accounts; waits until no other hub gives them away.
    `note_registered`: it has registered. `spawn`: run it on the event loop and keep hold of it.
    """

    clock: Clock
    limits: Limits
    part_budget: PartBudget
    presence: PresenceTracker
    receiver: Receiver
    get_directory: Callable[[], Directory]
    refresh_directory: Callable[[], Awaitable[None]]
    get_view: Callable[[str], View]
    load_session: Callable[[str], Awaitable[dict[str, Any] | None]]
    save_session: Callable[[str, dict[str, Any]], Awaitable[None]]
    make_snapshot: Callable[[View, str, int], Awaitable[list[DataSnapshot]]]
    note_registered: Callable[[str], None]
    note_login: Callable[[LoginReport], bool]
    logins_lost: Callable[[Sequence[str]], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    read_large: Callable[[str, int], Awaitable[ReadFrame]] = read_here
    replies: Replies | None = None
    may_give: Callable[[AccountInfo], bool] = lambda _account: True
    note_coming: Callable[[str], Awaitable[None]] | None = None
