"""The worker of this version, as far as it speaks: its real uplink, with both sides of the talk written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from tests.upgrade import old
from tests.upgrade.shops import Items

NAME = "office"


class _Recorded:
    """A socket that remembers."""

    def __init__(self, socket: Any, worker: RealWorker) -> None:
        self._socket = socket
        self._worker = worker

    async def send(self, text: str) -> None:
        text = self._worker.on_frame(text)
        self._worker.said.append(text)
        await self._socket.send(text)
        if '"type":"master:' in text:
            self._worker.acknowledged.release()

    async def recv(self) -> str:
        text: str = await self._socket.recv()
        self._worker.heard.append(text)
        return text

    async def close(self, *reason: Any) -> None:
        await self._socket.close(*reason)


class RealWorker:
    """Entered when it is registered. `said` and `heard`: the frames, in order."""

    def __init__(self, port: int, token: str, clock: Callable[[], int]) -> None:
        self.said: list[str] = []
        self.heard: list[str] = []
        self.acknowledged = asyncio.Semaphore(0)
        self.registered: Any = None
        self._clock = clock
        self._link = old.Uplink(f"ws://127.0.0.1:{port}/ws/worker/", token, self._register, self, clock)
        self._open = self._link._open
        self._link._open = self._open_recorded  # type: ignore[method-assign]  # to keep what is sent

    async def __aenter__(self) -> RealWorker:
        self._running = asyncio.create_task(self._link.run())
        waiting = asyncio.create_task(self._link.wait_registered())
        await asyncio.wait([self._running, waiting], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            waiting.cancel()
            self._running.result()
        await waiting
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def _open_recorded(self) -> Any:
        return _Recorded(await self._open(), self)

    def on_frame(self, text: str) -> str:
        """What is really sent."""
        return text

    def _register(self) -> Any:
        return old.Register(
            worker_id=NAME, host="front-desk", version=old.__version__, capabilities=["douyin"], max_accounts=5
        )

    async def on_registered(self, ack: Any) -> None:
        self.registered = ack

    async def on_order(self, order: Any) -> Any:
        return old.ACK_OF[type(order)](success=True)

    async def on_silence(self) -> None: ...

    # -- what it says

    async def ask(self, *messages: Any) -> Any:
        ack: Any
        [ack] = await self._link.request(*messages)
        assert ack.success, ack
        return ack

    async def heartbeat(self) -> None:
        await self.ask(
            old.Heartbeat(worker_id=NAME, status="running", active_tasks=2, memory_mb=512.5, cpu_percent=12.5)
        )

    async def report(self, *accounts: str) -> None:
        statuses = [
            old.AccountStatus(
                account_id=account,
                worker_status="crawling",
                login_status="logged_in",
                last_crawl_time=self._clock(),
                counts={"messages": 3},
                profile=old.Profile(
                    platform_user_id=f"number-{account}", user_name=f"Shop {account}", follower_count=10, verified=True
                ),
            )
            for account in accounts
        ]
        await self.ask(old.AccountStatuses(account_statuses=statuses))

    async def session(self, account: str, storage_state: dict[str, Any]) -> None:
        await self.ask(old.SessionReport(account_id=account, storage_state=storage_state))

    async def fetch(self, account: str) -> None:
        await self.ask(old.DataFetch(account_id=account))

    async def sync(self, account: str, items: Items, *, looks: tuple[str, ...] = (), max_bytes: int = 900_000) -> None:
        """A full snapshot; in parts if it is above `max_bytes`."""
        typed: dict[Any, dict[str, bytes]] = {
            name: {
                one["id"]: msgspec.json.encode(msgspec.convert(one, old.ITEM_TYPES[name]))
                for one in items.get(name, ())
            }
            for name in old.ITEM_TYPES
        }
        snapshot = old.AccountSnapshot(
            account_id=account, platform="douyin", items=typed, observed=self._looks(looks),
            cleared=frozenset(name for name, by_id in typed.items() if not by_id),
        )  # fmt: skip
        await self.ask(*old.make_messages(snapshot, self._clock(), max_bytes, f"{account}-{self._clock()}"))

    async def look(self, account: str, *surfaces: str) -> None:
        """A sign of life: a delta without items."""
        snapshot = old.AccountSnapshot(account_id=account, platform="douyin", observed=self._looks(surfaces))
        await self.ask(*old.make_messages(snapshot, self._clock(), 900_000, "unused"))

    def _looks(self, surfaces: tuple[Any, ...]) -> tuple[Any, ...]:
        now = self._clock()
        return tuple(
            old.SurfaceObservation(
                surface=one, entry=f"{one}-page", start=now - 5_000, end=now - 1_000, complete=True, items=3
            )
            for one in surfaces
        )

    async def follow_orders(self, owner: Any, account: str) -> None:
        """The owner pauses the account and goes on with it: it is taken from the worker, and given again."""
        for status in ("inactive", "active"):
            await owner.do("PATCH", f"/accounts/{account}", {"status": status})
            await asyncio.wait_for(self.acknowledged.acquire(), 60)
