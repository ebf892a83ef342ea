"""Sends snapshots to the hub, again and again until they are acknowledged. Written to the socket is no success."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog
from msgspec.structs import replace

from crawler.uplink.backoff import Backoff
from crawler.uplink.connection import LinkLost, NoAnswer
from crawler.uplink.snapshot import AccountSnapshot, carry_over, make_messages
from sync.protocol.messages import Ack, DataSyncAck, ProtocolError, WireMessage
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

# After these codes the same snapshot would get the same answer again.
_FINAL: Final = frozenset({"not_assigned", "worker_id_mismatch", "too_large", "bad_payload"})
_ITEM_ROOM: Final = 8_192


class HubLink(Protocol):
    """The part of the uplink that the pusher uses."""

    @property
    def max_frame_bytes(self) -> int:
        """Return the largest frame that the hub takes."""
        ...

    async def wait_registered(self) -> None:
        """Return as soon as the worker is registered."""
        ...

    async def request(self, *messages: WireMessage) -> Sequence[WireMessage]:
        """Send one message, or the parts of one, and return the answer. Raises LinkLost, NoAnswer."""
        ...

    async def reset(self, reason: str) -> None:
        """Drop the connection; a new one follows."""
        ...


class _Lane:
    """One account: the snapshot that is unanswered, and the one that waits behind it."""

    def __init__(self) -> None:
        self.waiting: AccountSnapshot | None = None
        self.in_flight: AccountSnapshot | None = None
        self.task: asyncio.Task[None] | None = None

    def put(self, snapshot: AccountSnapshot) -> None:
        """Let `snapshot` wait, together with what waits already."""
        self.waiting = snapshot if self.waiting is None else carry_over(self.waiting, snapshot)

    def take(self) -> AccountSnapshot | None:
        """Return what waits, which is now in flight; None if nothing waits."""
        self.in_flight, self.waiting = self.waiting, None
        return self.in_flight

    def give_back(self) -> None:
        """Let what was in flight wait again, together with what came since: it may be lost."""
        lost, newer = self.in_flight, self.waiting
        self.in_flight = None
        if lost is not None:
            self.waiting = lost if newer is None else carry_over(lost, newer)


class DataPusher:
    """Sends the newest snapshot of each account until it is acknowledged, one unanswered at a time.

    `on_answer` is called with the account's id and each answer. `clock` gives ms UTC.
    """

    def __init__(
        self,
        link: HubLink,
        clock: Clock,
        *,
        backoff: Callable[[], Backoff] = Backoff,
        on_answer: Callable[[str, Ack], None] = lambda _account_id, _ack: None,
    ) -> None:
        self._link = link
        self._clock = clock
        self._make_backoff = backoff
        self._on_answer = on_answer
        self._lanes: dict[str, _Lane] = {}

    def push_data_sync(self, snapshot: AccountSnapshot) -> None:
        """Take over `snapshot`. It is sent as soon as the account's last one is answered."""
        lane = self._lanes.setdefault(snapshot.account_id, _Lane())
        lane.put(snapshot)
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._drain(snapshot.account_id, lane))

    def unacknowledged(self) -> set[str]:
        """Return the accounts of which the hub does not have everything."""
        return {id for id, lane in self._lanes.items() if lane.in_flight or lane.waiting}

    async def flush(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` for the answers, and return whether nothing is left."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        return not self.unacknowledged()

    async def forget(self, account_id: str) -> None:
        """Send nothing of the account any more: it is no longer this worker's."""
        lane = self._lanes.pop(account_id, None)
        if lane is not None and lane.task is not None:
            lane.task.cancel()
            await asyncio.gather(lane.task, return_exceptions=True)

    async def close(self) -> None:
        """Forget all accounts."""
        for account_id in list(self._lanes):
            await self.forget(account_id)

    async def _drain(self, account_id: str, lane: _Lane) -> None:
        backoff = self._make_backoff()
        while lane.waiting is not None:
            try:
                await self._link.wait_registered()
                await self._send(account_id, lane, backoff)
            except Exception:
                log.exception("a snapshot could not be sent", account=account_id)
                lane.in_flight = None

    async def _send(self, account_id: str, lane: _Lane, backoff: Backoff) -> None:
        snapshot = lane.take()
        assert snapshot is not None
        try:
            ack = await self._request(snapshot)
        except NoAnswer as error:
            lane.give_back()
            await self._link.reset(str(error))
        except LinkLost:
            lane.give_back()
            # `wait_registered` waits for the next connection. Until the link notices the cut, do not spin.
            await asyncio.sleep(min(1.0, backoff.next_s()))
        else:
            await self._judge(account_id, lane, ack, backoff)

    async def _request(self, snapshot: AccountSnapshot) -> Ack:
        max_bytes = self._link.max_frame_bytes
        now = self._clock()
        messages = make_messages(_without_giants(snapshot, max_bytes), now, max_bytes, f"{snapshot.account_id}-{now}")
        [ack] = await self._link.request(*messages)
        assert isinstance(ack, Ack)
        return ack

    async def _judge(self, account_id: str, lane: _Lane, ack: Ack, backoff: Backoff) -> None:
        self._on_answer(account_id, ack)
        if ack.success:
            lane.in_flight = None
            backoff.reset()
            _log_warnings(account_id, ack)
        elif ack.error_code in _FINAL or isinstance(ack, ProtocolError):
            lane.in_flight = None
            log.error("the hub refused a snapshot", account=account_id, code=ack.error_code, reason=ack.error_message)
        elif ack.error_code == "not_registered":
            lane.give_back()
            await self._link.reset("the hub does not know this connection")
        else:
            lane.give_back()
            wait_s = backoff.next_s() + (ack.retry_after_ms or 0) / 1000
            log.warning(
                "the hub asks for another try", account=account_id, code=ack.error_code, wait_s=round(wait_s, 1)
            )
            await asyncio.sleep(wait_s)


def _without_giants(snapshot: AccountSnapshot, max_bytes: int) -> AccountSnapshot:
    """Return `snapshot` without items that fit no frame: one of them must not hold back all others.

    The hub keeps what it has of them.
    """
    room = max_bytes - 2 * _ITEM_ROOM
    giants = [(c, i) for c, by_id in (snapshot.items or {}).items() for i, item in by_id.items() if len(item) > room]
    if not giants:
        return snapshot
    log.error("items above the frame limit are left out", account=snapshot.account_id, ids=[i for _, i in giants[:5]])
    lost = set(giants)
    items = {
        c: {i: item for i, item in by_id.items() if (c, i) not in lost} for c, by_id in (snapshot.items or {}).items()
    }
    return replace(snapshot, items=items, partial=snapshot.partial | {c for c, _ in giants})


def _log_warnings(account_id: str, ack: Ack) -> None:
    if isinstance(ack, DataSyncAck) and ack.warnings_total:
        codes = sorted({f"{warning.collection}: {warning.code}" for warning in ack.warnings})
        log.warning(
            "the hub did not accept all of a snapshot", account=account_id, total=ack.warnings_total, what=codes
        )
