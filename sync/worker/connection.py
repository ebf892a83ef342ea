"""One worker's connection: frames in, answers out. The consumer only feeds and drains it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import uuid4

import structlog

from sync.core.replies.reply import account_of_reply
from sync.outbox import Outbox, Overflow
from sync.protocol.frames import FrameError, encode_frame
from sync.protocol.login_messages import LoginReport, LoginReportAck
from sync.protocol.messages import (
    AccountStatuses,
    Ack,
    DataDelta,
    DataFetch,
    DataSync,
    DataSyncAck,
    Goodbye,
    GoodbyeAck,
    Heartbeat,
    HeartbeatAck,
    ProtocolError,
    Register,
    RegisterAck,
    SessionReport,
    SessionReportAck,
    SyncWarning,
    TaskRevokeAck,
    WireMessage,
)
from sync.protocol.reply_messages import ReplyProgress, ReplyRequest, ReplyRequestAck, ReplyResult
from sync.protocol.snapshot_parts import PartError
from sync.worker.fetches import Fetches
from sync.worker.frame_reader import (
    BAD_FRAMES_MS,
    MAX_BAD_FRAMES,
    SMALL_CHARS,
    BadFrames,
    FrameTooLarge,
    ReadFrame,
    read_frame,
)
from sync.worker.leases import ANSWERS_MS, Leases
from sync.worker.open_parts import OpenParts
from sync.worker.ports import Sender, WorkerPorts
from sync.worker.presence import REPLACED, REVOKED, TOOK_OVER
from sync.worker.receiver import with_warnings
from sync.worker.refusal import Refused
from sync.worker.status_answer import StatusAnswer
from sync.writing.writer import RETRY_AFTER_MS

log = structlog.get_logger(__name__)

TRY_LATER: Final = 1013
TOO_LARGE: Final = 1009
POLICY: Final = 1008
REGISTER_S: Final = 30

Close = Callable[[int, str], None]


class _Incoming(NamedTuple):
    """The frame's facts beside its message: ms UTC, the id of the request, the bytes of the frame, warnings that
    name what was left out of the message, and the digest of a snapshot's items."""

    timestamp: int
    request_id: str | None
    size: int
    warnings: Sequence[SyncWarning]
    digest: bytes


class WorkerConnection:
    """The connection of one worker. `outbox` and `close` are the socket; everything runs on the event loop.

    After `close` nothing is taken, and nothing more goes out. A worker that does not read what it is sent is closed.
    `confidential`: nobody on the way can read it, so that browser sessions may travel on it.
    `number`: greater than that of every connection before.
    """

    def __init__(
        self, ports: WorkerPorts, worker: str, token_hash: str, outbox: Outbox, close: Close, *, confidential: bool
    ) -> None:
        self._ports = ports
        self.number = ports.presence.next_number()
        self._closed = False
        self._worker = worker
        self._token_hash = token_hash
        self._outbox = outbox
        self._close_socket = close
        self._parts = OpenParts(ports.part_budget, ports.limits.snapshot_bytes, ports.clock)
        self._fetches = Fetches(ports, outbox, lambda: self.leases, self._send)
        self._was_busy = False
        self._bad_frames = BadFrames()
        self.is_confidential = confidential
        self._leases = Leases(ports, worker, self._send, confidential=confidential)
        self._handlers: Mapping[type[WireMessage], Callable[[Any, _Incoming], Awaitable[None]]] = {
            Register: self._on_register,
            Heartbeat: self._on_heartbeat,
            Goodbye: self._on_goodbye,
            TaskRevokeAck: self._on_revoked,
            AccountStatuses: self._on_account_statuses,
            SessionReport: self._on_account_session,
            DataSync: self._on_data_sync,
            DataDelta: self._on_data_delta,
            DataFetch: self._on_data_fetch,
            LoginReport: self._on_login_report,
            ReplyProgress: self._on_reply_progress,
            ReplyResult: self._on_reply_result,
            ReplyRequestAck: self._on_reply_request_ack,
        }

    @property
    def leases(self) -> Mapping[str, int]:
        """Return account id -> lease epoch of the accounts that this connection was given."""
        return self._leases.held

    # -- the socket

    async def receive(self, text: str | None) -> None:
        """Take one frame; None for a binary one. Nothing is taken after a close. Call it again when it has returned."""
        if self._closed:
            return
        if self._ports.presence.is_cut_off():
            self.close(TRY_LATER, "this hub has no connection to its database")
            return
        self._ports.presence.heard(self._worker, self)
        try:
            frame = await self._read(text)
        except FrameTooLarge as error:
            self.close(TOO_LARGE, f"{error}, {self._ports.limits.frame_bytes} at most")
        except FrameError as error:
            self._answer_bad_frame(error)
        else:
            if not self._closed:
                await self._dispatch(frame)

    async def _read(self, text: str | None) -> ReadFrame:
        if text is None:
            raise FrameError("bad_frame", "frames are text, this one is binary")
        most = self._ports.limits.frame_bytes
        return read_frame(text, most) if len(text) <= SMALL_CHARS else await self._ports.read_large(text, most)

    def close(self, code: int, reason: str) -> None:
        """End the connection. What was said before goes out first. `code`: of the websocket."""
        if not self._closed:
            self._end()
            self._close_socket(code, reason)

    def _end(self) -> None:
        """End the leases, the open sets of parts and the fetches."""
        self._closed = True
        self._ports.logins_lost(list(self.leases))
        self._leases.end()
        self._parts.clear()
        self._fetches.clear()
        self._outbox.end()

    def take_busy(self) -> bool:
        """Return whether something was refused as `busy` since the last call: the worker is to be slowed down."""
        was_busy, self._was_busy = self._was_busy, False
        return was_busy

    def end_unless_registered(self) -> None:
        """Close the connection if its worker has not registered by now."""
        if not self._closed and not self._leases.registered:
            self.close(POLICY, f"worker:register did not come within {REGISTER_S} s")

    def disconnected(self) -> None:
        """Take notice that the socket is gone."""
        self._end()
        self._ports.presence.disconnect(self._worker, self)

    def _answer_bad_frame(self, error: FrameError) -> None:
        type_, payload = error.answer()
        self._send(payload, error.request_id, type_)
        if self._bad_frames.add(self._ports.clock()):
            self.close(POLICY, f"{MAX_BAD_FRAMES} bad frames within {BAD_FRAMES_MS // 1000} s")

    async def _dispatch(self, frame: ReadFrame) -> None:
        decoded = frame.decoded
        message = decoded.message
        handler = self._handlers.get(type(message))
        if handler is None:
            return  # the answer to one of ours: nothing waits for it
        try:
            if not self._leases.registered and not isinstance(message, Register):
                raise Refused("not_registered", "worker:register comes first on every connection")
            if not isinstance(message, Register):
                self._leases.heard(decoded.request_id, is_revoked=isinstance(message, TaskRevokeAck))
                if (unanswered := self._leases.unanswered) is not None:
                    self._end_deaf(unanswered)
                    return
            facts = _Incoming(decoded.timestamp, decoded.request_id, frame.size, decoded.warnings, frame.digest)
            await handler(message, facts)
        except Refused as refusal:
            self._send(refusal.answer(message), decoded.request_id)

    def _end_deaf(self, account_id: str) -> None:
        """Close the connection of a worker that does not do what it is told: its next registration, or its silence,
        shows that the browser is closed.
        """
        log.warning("a worker did not answer that it lost an account", worker=self._worker, account=account_id)
        self.close(POLICY, f"the revocation of {account_id!r} was not answered within {ANSWERS_MS // 1000} s")

    def _send(self, message: WireMessage, request_id: str | None = None, type: str | None = None) -> None:
        if self._closed:
            return
        self._was_busy |= isinstance(message, Ack) and message.error_code == "busy"
        try:
            self._outbox.put(encode_frame(message, timestamp=self._ports.clock(), request_id=request_id, type=type))
        except Overflow:
            self.close(POLICY, "the worker does not read what it is sent")

    # -- the worker itself

    async def _on_register(self, message: Register, frame: _Incoming) -> None:
        self._check_worker(message.worker_id)
        prepared = await self._leases.prepare(message)
        if self._closed:
            return
        if not self._is_token_good():
            self.close(REVOKED, "the token of this worker was replaced")
            return
        if self._ports.presence.is_replaced(self._worker, self):
            self.close(REPLACED, TOOK_OVER)
            return
        # From here to the answer nothing may come between: a revocation must not be sent before the assignment.
        given = self._leases.grant(message, prepared)
        self._ports.presence.connect(self._worker, self, message, self._token_hash)
        self._ports.note_registered(self._worker)
        log.info("worker registered", worker=self._worker, accounts=len(given))
        self._send(RegisterAck(success=True, session_id=uuid4().hex, assigned_accounts=given), frame.request_id)
        self._leases.follow()

    def _is_token_good(self) -> bool:
        worker = self._ports.get_directory().workers.get(self._worker)
        return worker is not None and worker.token_hash == self._token_hash

    def _check_worker(self, worker_id: str) -> None:
        if worker_id != self._worker:
            raise Refused("worker_id_mismatch", f"the token is of worker {self._worker!r}, not of {worker_id!r}")

    async def _on_heartbeat(self, message: Heartbeat, frame: _Incoming) -> None:
        self._check_worker(message.worker_id)
        self._ports.presence.heartbeat(self._worker, self, message)
        self._send(HeartbeatAck(success=True), frame.request_id)

    async def _on_revoked(self, message: TaskRevokeAck, frame: _Incoming) -> None:
        """Do nothing more: the leases took notice."""

    async def _on_goodbye(self, message: Goodbye, frame: _Incoming) -> None:
        """End the leases: nothing that the worker still says counts, and its accounts may go to another one."""
        self._check_worker(message.worker_id)
        self._leases.end()
        self._ports.presence.said_goodbye(self._worker, self)
        log.info("worker said goodbye", worker=self._worker)
        self._send(GoodbyeAck(success=True), frame.request_id)

    def assignments_changed(self) -> None:
        """Send the worker what came and went of its accounts."""
        self._leases.follow()

    def order(self, account_id: str, message: WireMessage) -> bool:
        """Send an order about an account, if this connection was given it. Return whether it was."""
        return self._leases.order(
            account_id, message, message.request_id if isinstance(message, ReplyRequest) else None
        )

    def _lease(self, account_id: str) -> Sender:
        epoch = self.leases.get(account_id)
        if epoch is None:
            raise Refused("not_assigned", f"account {account_id!r} is not assigned to worker {self._worker!r}")
        return Sender(self._worker, epoch)

    # -- its accounts

    async def _on_account_statuses(self, message: AccountStatuses, frame: _Incoming) -> None:
        """Answer once every report is durable, was nothing new, or is refused."""
        send = partial(self._send, request_id=frame.request_id)
        answer = StatusAnswer(len(message.account_statuses), send, frame.warnings)
        for status in message.account_statuses:
            account_id = status.account_id
            if account_id not in self.leases:
                answer.refused(account_id, "not_assigned")
            elif not self._ports.receiver.receive_status(
                status, self._lease(account_id), partial(answer.note, account_id)
            ):
                answer.taken(account_id)

    async def _on_account_session(self, message: SessionReport, frame: _Incoming) -> None:
        self._lease(message.account_id)
        await self._ports.save_session(message.account_id, message.storage_state)
        self._send(SessionReportAck(success=True), frame.request_id)

    async def _on_login_report(self, message: LoginReport, frame: _Incoming) -> None:
        self._lease(message.account_id)
        if not self._ports.note_login(message):
            raise Refused("bad_payload", "nobody waits for this login any more")
        self._send(LoginReportAck(success=True), frame.request_id)

    async def _on_reply_request_ack(self, message: ReplyRequestAck, frame: _Incoming) -> None:
        if self._ports.replies is not None:
            self._ports.replies.answered(frame.request_id, message, self.number)

    async def _on_reply_progress(self, message: ReplyProgress, frame: _Incoming) -> None:
        lease = self._lease(account_of_reply(message.reply_id) or "")
        if self._ports.replies is not None:
            send = partial(self._send, request_id=frame.request_id)
            self._ports.replies.progressed(message, self._worker, lease.lease_epoch, send)

    async def _on_reply_result(self, message: ReplyResult, frame: _Incoming) -> None:
        """Take a result whoever has the account by now: a worker that lost it still knows what it did."""
        if self._ports.replies is not None:
            self._ports.replies.resulted(message, self._worker, partial(self._send, request_id=frame.request_id))

    async def _on_data_sync(self, message: DataSync, frame: _Incoming) -> None:
        sender = self._lease(message.account_id)
        self._check_platform(message.account_id, message.platform)
        try:
            collected = self._parts.add(message, frame.size, frame.warnings, frame.digest)
        except PartError as error:
            reason = f"{error.message}; the open set is discarded"
            raise Refused(error.code, reason, error.retry_after_ms) from error
        if collected is not None:
            send = self._sender(message, frame.request_id, collected.warnings)
            parts, size, _, digest = collected
            self._ports.receiver.receive_snapshot(parts, size, digest, sender, send)

    async def _on_data_delta(self, message: DataDelta, frame: _Incoming) -> None:
        sender = self._lease(message.account_id)
        self._check_platform(message.account_id, message.platform)
        send = self._sender(message, frame.request_id, frame.warnings)
        self._ports.receiver.receive_delta(message, frame.timestamp, frame.size, sender, send)

    def _check_platform(self, account_id: str, platform: str) -> None:
        account = self._ports.get_directory().accounts.get(account_id)
        if account is None or account.platform != platform:
            known = account.platform if account else "unknown"
            raise Refused("not_assigned", f"account {account_id!r} is of platform {known!r}, not of {platform!r}")

    async def _on_data_fetch(self, message: DataFetch, frame: _Incoming) -> None:
        self._lease(message.account_id)
        if not self._fetches.begin(message.account_id, frame.request_id):
            raise Refused("busy", "the account is being fetched already", RETRY_AFTER_MS)

    def _sender(
        self, message: DataSync | DataDelta, request_id: str | None, warnings: Sequence[SyncWarning]
    ) -> Callable[[DataSyncAck], None]:
        """Return what sends the ack: with `warnings` of the frame before those of its items."""

        def send(ack: DataSyncAck) -> None:
            if ack.error_code == "bad_payload":
                error = ProtocolError(success=False, error_code=ack.error_code, error_message=ack.error_message)
                self._send(error, request_id, f"{message.TYPE}:error")
            else:
                self._send(with_warnings(ack, warnings), request_id)

        return send
