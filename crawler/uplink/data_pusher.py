"""Sends snapshots to the hub, again and again until they are acknowledged. Written to the socket is no success."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from crawler.uplink.backoff import Backoff
from crawler.uplink.connection import LinkLost, NoAnswer
from crawler.uplink.lane import Lane
from crawler.uplink.snapshot import AccountSnapshot
from sync.protocol.messages import Ack, DataSyncAck, ProtocolError, WireMessage
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

# After these codes the same snapshot would get the same answer again.
_FINAL: Final = frozenset({"not_assigned", "worker_id_mismatch", "too_large", "bad_payload"})


class HubLink(Protocol):
    """The part of the uplink that the pusher uses."""

    @property
    def max_frame_bytes(self) -> int:
        """Return the largest frame that the hub takes."""
        ...

    @property
    def connection_number(self) -> int:
        """Return another number after each registration."""
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


class DataPusher:
    """Sends the newest snapshot of each account until it is acknowledged, one unanswered at a time.

    `on_answer` is called with the account's id and each answer. `clock` gives ms UTC. `deltas`: what the hub has is not
    sent again.
    """

    def __init__(
        self,
        link: HubLink,
        clock: Clock,
        *,
        backoff: Callable[[], Backoff] = Backoff,
        on_answer: Callable[[str, Ack], None] = lambda _account_id, _ack: None,
        deltas: bool = True,
    ) -> None:
        self._link = link
        self._clock = clock
        self._make_backoff = backoff
        self._on_answer = on_answer
        self._deltas = deltas
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def push_data_sync(self, snapshot: AccountSnapshot) -> None:
        """Take over `snapshot`. It is sent as soon as the account's last one is answered."""
        account_id = snapshot.account_id
        lane = self._lanes.get(account_id)
        if lane is None:
            lane = self._lanes[account_id] = Lane(deltas=self._deltas)
        lane.put(snapshot)
        task = self._tasks.get(account_id)
        if task is None or task.done():
            self._tasks[account_id] = asyncio.create_task(self._drain(account_id, lane))

    def unacknowledged(self) -> set[str]:
        """Return the accounts of which the hub does not have everything."""
        return {id for id, lane in self._lanes.items() if lane.in_flight or lane.waiting}

    async def flush(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` for the answers, and return whether nothing is left."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=timeout_s)
        return not self.unacknowledged()

    async def forget(self, account_id: str) -> None:
        """Send nothing of the account any more: it is no longer this worker's."""
        self._lanes.pop(account_id, None)
        task = self._tasks.pop(account_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Forget all accounts."""
        for account_id in list(self._lanes):
            await self.forget(account_id)

    async def _drain(self, account_id: str, lane: Lane) -> None:
        backoff = self._make_backoff()
        while lane.waiting is not None:
            try:
                await self._link.wait_registered()
                await self._send(account_id, lane, backoff)
            except Exception:
                log.exception("a snapshot could not be sent", account=account_id)
                lane.drop()

    async def _send(self, account_id: str, lane: Lane, backoff: Backoff) -> None:
        messages = lane.take(self._link.connection_number, self._clock(), self._link.max_frame_bytes)
        try:
            [ack] = await self._link.request(*messages)
            assert isinstance(ack, Ack)
        except NoAnswer as error:
            lane.give_back()
            await self._link.reset(str(error))
        except LinkLost:
            lane.give_back()
            # `wait_registered` waits for the next connection. Until the link notices the cut, do not spin.
            await asyncio.sleep(min(1.0, backoff.next_s()))
        else:
            await self._judge(account_id, lane, ack, backoff)

    async def _judge(self, account_id: str, lane: Lane, ack: Ack, backoff: Backoff) -> None:
        self._on_answer(account_id, ack)
        if ack.success:
            lane.succeed(ack)
            backoff.reset()
            _log_warnings(account_id, ack)
        elif lane.retry_in_full(ack):
            log.info("the hub wants the account in full", account=account_id, code=ack.error_code)
        elif ack.error_code in _FINAL or isinstance(ack, ProtocolError):
            lane.drop()
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


def _log_warnings(account_id: str, ack: Ack) -> None:
    if isinstance(ack, DataSyncAck) and ack.warnings_total:
        codes = sorted({f"{warning.collection}: {warning.code}" for warning in ack.warnings})
        log.warning(
            "the hub did not accept all of a snapshot", account=account_id, total=ack.warnings_total, what=codes
        )
