"""One account on its way to the hub: what is unanswered, what waits behind it, and what the hub has. Pure."""

from collections.abc import Sequence
from typing import Final

import structlog
from msgspec.structs import replace

from crawler.uplink.delta import Acknowledged, acknowledged, make_delta
from crawler.uplink.snapshot import AccountSnapshot, carry_over, make_messages
from sync.protocol.messages import Ack, DataDelta, DataSync, DataSyncAck, ProtocolError

log = structlog.get_logger(__name__)

_ITEM_ROOM: Final = 8_192
# The answers that say something of the sender, not of the form in which the items came.
_NOT_OF_FORM: Final = frozenset({"busy", "not_registered", "not_assigned", "worker_id_mismatch"})


class Lane:
    """Makes messages of the snapshots of one account: a delta where the hub acknowledged what it differs from.

    Nothing counts as acknowledged on another connection: there a full snapshot comes first. `deltas`: False for full
    snapshots only.
    """

    def __init__(self, *, deltas: bool = True) -> None:
        self.waiting: AccountSnapshot | None = None
        self.in_flight: AccountSnapshot | None = None
        self._deltas = deltas
        self._connection = 0
        self._known: Acknowledged | None = None
        self._sent: AccountSnapshot | None = None
        self._is_delta = False
        self._full_only_on: int | None = None

    def put(self, snapshot: AccountSnapshot) -> None:
        """Let `snapshot` wait, together with what waits already."""
        self.waiting = snapshot if self.waiting is None else carry_over(self.waiting, snapshot)

    def take(self, connection: int, now: int, max_bytes: int) -> Sequence[DataSync] | Sequence[DataDelta]:
        """Return the messages for what waits, which is now in flight. `now`: ms UTC, `max_bytes`: of a frame.

        `connection`: the number of the connection that they are sent on.
        """
        assert self.waiting is not None
        self.in_flight, self.waiting = self.waiting, None
        self._connection = connection
        sent = self._sent = without_giants(self.in_flight, max_bytes)
        delta = self._make_delta(sent, max_bytes)
        self._is_delta = delta is not None
        return [delta] if delta is not None else make_messages(sent, now, max_bytes, f"{sent.account_id}-{now}")

    def _make_delta(self, snapshot: AccountSnapshot, max_bytes: int) -> DataDelta | None:
        known = self._known
        if not self._deltas or snapshot.full or snapshot.items is None or known is None:
            return None
        if known.connection != self._connection or self._full_only_on == self._connection:
            return None
        return make_delta(known, snapshot, max_bytes - _ITEM_ROOM)

    def succeed(self, ack: Ack) -> None:
        """Take notice that the hub has what was in flight."""
        taken, self.in_flight, self._sent = self._sent, None, None
        if not self._deltas or taken is None or taken.items is None:
            return
        known = self._known if self._known is not None and self._known.connection == self._connection else None
        self._known = acknowledged(known, taken, ack, self._connection) if isinstance(ack, DataSyncAck) else None

    def give_back(self) -> None:
        """Let what was in flight wait again, together with what came since: it may be lost."""
        lost, newer = self.in_flight, self.waiting
        self.in_flight = None
        if lost is not None:
            self.waiting = lost if newer is None else carry_over(lost, newer)

    def drop(self) -> None:
        """Forget what was in flight: the hub will never take it. The next snapshot goes in full."""
        self.in_flight = self._known = None

    def retry_in_full(self, ack: Ack) -> bool:
        """Let what was in flight wait again as a full snapshot, if `ack` refuses it as a delta. Return whether it does.

        A hub that does not understand the delta gets none any more on this connection.
        """
        if not self._is_delta or ack.error_code in _NOT_OF_FORM:
            return False
        if isinstance(ack, ProtocolError):
            self._full_only_on = self._connection
        self._known = None
        self.give_back()
        return True


def without_giants(snapshot: AccountSnapshot, max_bytes: int) -> AccountSnapshot:
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
