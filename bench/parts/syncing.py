"""Accounts that keep syncing in the background, as workers do, while something else is measured."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Final

from bench.data import a_seed
from bench.hub import HubServer
from bench.worker import BenchWorker, a_sync

INTERVAL_S: Final = 30.0
"""Each account sends a snapshot so often; every second one has a new last message."""


class Syncing:
    """Paused unless something runs in `while_asked`."""

    def __init__(self, hub: HubServer, account_ids: Sequence[str]) -> None:
        self._hub = hub
        self._ids = account_ids
        self._is_on = threading.Event()
        self._ended = False
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    @contextmanager
    def while_asked(self, is_on: bool) -> Iterator[None]:
        if self.failed is not None:
            raise self.failed
        if is_on:
            self._is_on.set()
        try:
            yield
        finally:
            self._is_on.clear()

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended = True
        self._is_on.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._sync())
        except Exception as error:  # noqa: BLE001  # the one who measures raises it
            self.failed = error

    async def _sync(self) -> None:
        data = {account_id: a_seed(account_id) for account_id in self._ids}
        async with BenchWorker.connect(self._hub) as worker:
            for number in count():
                await asyncio.sleep(INTERVAL_S / len(self._ids))
                await asyncio.to_thread(self._is_on.wait)
                if self._ended:
                    return
                account_id = self._ids[number % len(self._ids)]
                if number % 2:
                    data[account_id]["messages"][0]["content"] = f"你好，在吗？ {number}"
                await worker.send("worker:data:sync", a_sync(account_id, data[account_id]))


@contextmanager
def keep_syncing(hub: HubServer, account_ids: Sequence[str]) -> Iterator[Syncing]:
    syncing = Syncing(hub, account_ids)
    syncing.start()
    try:
        yield syncing
    finally:
        syncing.end()
