"""Brings results to the hub, again and again until it has them."""

import asyncio
from typing import Final, NoReturn

import structlog

from crawler.replies.journal import ReplyJournal
from crawler.uplink.connection import LinkError
from crawler.uplink.uplink import Uplink, single
from sync.protocol.reply_messages import ReplyResult

log = structlog.get_logger(__name__)

AGAIN_S: Final = 2.0


class ResultSender:
    """Sends what the journal keeps. `wake` when there is something new."""

    def __init__(self, uplink: Uplink, journal: ReplyJournal) -> None:
        self._uplink, self._journal = uplink, journal
        self._news = asyncio.Event()
        self._news.set()

    def wake(self) -> None:
        """Say that there is a new result."""
        self._news.set()

    async def run(self) -> NoReturn:
        """Send results for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._journal.results():
                await self._uplink.wait_registered()
                if not await self.send_all():
                    await asyncio.sleep(AGAIN_S)

    async def send_all(self) -> bool:
        """Send every result once, and return whether the hub has them all."""
        sent = [await self._send(result) for result in self._journal.results()]
        return all(sent)

    async def _send(self, result: ReplyResult) -> bool:
        try:
            ack = single(await self._uplink.request(result))
        except LinkError:
            return False
        if not ack.success and (ack.error_code == "busy" or ack.retry_after_ms is not None):
            return False
        if not ack.success:  # for good: the hub knows no such reply any more
            log.info("the hub does not want the result of a reply", reply=result.reply_id, code=ack.error_code)
        self._journal.forget(result)
        return True
