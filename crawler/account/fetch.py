"""Fetches what the hub holds of an account."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import structlog

from crawler.account.data_manager import snapshots_of
from crawler.uplink.connection import LinkError
from crawler.uplink.uplink import Uplink
from sync.protocol.messages import Ack, DataFetch, Snapshot

log = structlog.get_logger(__name__)

_AGAIN_S: Final = 1.0


async def fetch_snapshots(
    uplink: Uplink, account_id: str, on_refused: Callable[[str, Ack], None]
) -> Iterable[Snapshot]:
    """Return what the hub holds of the account, as a snapshot or its parts. Waits until the hub answers.

    `on_refused` gets the account's id and each refusal; afterwards it is asked again.
    """
    while True:
        await uplink.wait_registered()
        try:
            answers: Sequence[Any] = await uplink.request(DataFetch(account_id=account_id))
        except LinkError:
            await asyncio.sleep(_AGAIN_S)
            continue
        refused = next((answer for answer in answers if not answer.success), None)
        if refused is None:
            return snapshots_of(answers)
        log.warning("the hub does not hand out an account's data", account=account_id, code=refused.error_code)
        on_refused(account_id, refused)
        await asyncio.sleep((refused.retry_after_ms or 10_000) / 1000)
