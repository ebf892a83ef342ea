"""An account as a worker gets it that holds nothing of it."""

from __future__ import annotations

from uuid import uuid4

import msgspec

from sync.core.account.view import View
from sync.protocol.items import COLLECTIONS
from sync.protocol.messages import DataSnapshot, Snapshot, SnapshotPart
from sync.protocol.snapshot_parts import cut, fits

_encoder = msgspec.json.Encoder()


def snapshot_messages(view: View, platform: str, max_bytes: int) -> list[DataSnapshot]:
    """Return the account as one message, or as its parts when it is above `max_bytes`, the frame limit."""
    items: dict[str, list[bytes]] = {}
    # What only an operator made the platform does not know: from a worker it would seem to come from there.
    own = frozenset(view.operator_created.values())
    for name in COLLECTIONS:
        encoded = (_encoder.encode(entry.item) for i, entry in view.entries(name).items() if i not in own)
        # An item that fits no frame stays where it is: the worker brings it again when it sees it.
        items[name] = [item for item in encoded if fits(item, max_bytes)]
    chunks = list(cut(items, max_bytes))
    sync_id = uuid4().hex
    return [
        DataSnapshot(
            account_id=view.account_id,
            version=view.version,
            snapshot=Snapshot(platform=platform, data=chunk),
            part=SnapshotPart(sync_id=sync_id, index=index, total=len(chunks)) if len(chunks) > 1 else None,
        )
        for index, chunk in enumerate(chunks)
    ]
