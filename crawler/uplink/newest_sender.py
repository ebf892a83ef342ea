"""Sends the newest of each account until the hub answers."""

import asyncio
from collections.abc import Callable
from typing import Final, Generic, NoReturn, TypeVar

from crawler.uplink.connection import LinkError
from crawler.uplink.uplink import Uplink, single
from sync.protocol.messages import Ack, WireMessage

_AGAIN_S: Final = 1.0

T = TypeVar("T")


class NewestSender(Generic[T]):
    """Keeps the newest of each account here until the hub answered it, and sends it again where the link broke.

    `make_message` returns the message of what is kept, or None where none can be made: it is dropped then. `on_answer`
    gets the account's id, the hub's answer, and whether what was answered is still the newest, and not forgotten.
    """

    def __init__(
        self,
        uplink: Uplink,
        make_message: Callable[[str, T], WireMessage | None],
        on_answer: Callable[[str, Ack, bool], None],
    ) -> None:
        self._uplink = uplink
        self._make_message = make_message
        self._on_answer = on_answer
        self._unsent: dict[str, T] = {}
        self._pending = asyncio.Event()

    @property
    def waiting(self) -> list[str]:
        """Return the ids of the accounts of which something is still to be answered."""
        return list(self._unsent)

    def keep(self, account_id: str, newest: T) -> None:
        """Send `newest` as soon as possible, in place of what waits of the account."""
        self._unsent[account_id] = newest
        self._pending.set()

    def forget(self, account_id: str) -> None:
        """Send nothing of the account any more."""
        self._unsent.pop(account_id, None)

    async def run(self) -> NoReturn:
        """Send what is kept, for ever."""
        while True:
            await self._pending.wait()
            await self._uplink.wait_registered()
            self._pending.clear()
            for account_id in self.waiting:
                if account_id in self._unsent:
                    await self._send(account_id, self._unsent[account_id])

    async def _send(self, account_id: str, kept: T) -> None:
        message = self._make_message(account_id, kept)
        if message is None:
            del self._unsent[account_id]
            return
        try:
            ack = single(await self._uplink.request(message))
        except LinkError:
            self._pending.set()
            await asyncio.sleep(_AGAIN_S)
            return
        is_newest = self._unsent.get(account_id) is kept
        self._on_answer(account_id, ack, is_newest)
        if is_newest:
            del self._unsent[account_id]
