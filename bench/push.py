"""From a worker's frame to the event at a client, over real sockets: 1, 50, 200 clients, and one that never reads."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from websockets.asyncio.client import ClientConnection, connect

from bench.ear import Ear
from bench.http import ROOT, a_server, make_token

ACCOUNT = "acc-push"
CHANGES = 60
WARM_UP = 10
PAUSE_S = 0.05
WITHIN_S = 20.0
TURNS = 3
TEXT = "你好，这件还有货吗？今天拍什么时候能发？"
# A client that does not read must not be spared by what the kernel holds for it.
LONG = "还在吗？" * 500


def run(place: Path) -> None:
    call_command("migrate", verbosity=0)
    call_command("addaccount", ACCOUNT, platform="douyin", name="Push", worker="w1", operator="ann", verbosity=0)
    worker, client = make_worker_token(), make_token()
    with a_server(place) as port:
        bench = Bench(port, worker, client)
        for count, aim in ((1, ""), (50, "aim: p99 < 20 ms"), (200, "")):
            times = asyncio.run(bench.measure(count))
            _say(f"push: worker to client, {count} clients", times, aim)
        ratios = []
        for _ in range(TURNS):
            alone = _p99(asyncio.run(bench.measure(200, LONG)))
            ratios.append(_p99(asyncio.run(bench.measure(200, LONG, deaf=1))) / alone)
    ratio = statistics.median(ratios)
    print(f"{'push: p99 beside one that never reads, to without':<52} {ratio:10.2f} times       aim: at most 1.2")


def make_worker_token() -> str:
    made = subprocess.run(
        [sys.executable, "manage.py", "workertoken", "w1"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def _say(what: str, times: list[float], aim: str) -> None:
    middle, last = statistics.median(times) * 1000, _p99(times) * 1000
    print(f"{what:<52} {middle:7.1f} ms p50 {last:7.1f} ms p99  {aim}", flush=True)


class Bench:
    def __init__(self, port: int, worker: str, client: str) -> None:
        self._port = port
        self._worker = worker
        self._client = client
        self._number = 0

    async def measure(self, clients: int, text: str = TEXT, deaf: int = 0) -> list[float]:
        """Seconds, of every change at every client that reads."""
        async with AsyncExitStack() as stack:
            worker = await stack.enter_async_context(self._a_worker())
            await self._tell(worker, [], text)  # the first of all is history, of which nobody is told
            ears = [await self._an_ear(stack) for _ in range(clients)]
            for _ in range(deaf):
                (await self._an_ear(stack)).turn_deaf()
            times: list[float] = []
            for change in range(WARM_UP + CHANGES):
                taken = await self._tell(worker, ears, text)
                if change >= WARM_UP:
                    times += taken
                await asyncio.sleep(PAUSE_S)
            return times

    async def _an_ear(self, stack: AsyncExitStack) -> Ear:
        ear = await Ear.connect(self._port, self._client, ACCOUNT)
        stack.callback(ear.leave)
        return ear

    async def _tell(self, worker: ClientConnection, ears: list[Ear], text: str) -> list[float]:
        self._number += 1
        message_id = f"m{self._number}"
        hearing = [ear.hear(f'"msg_{ACCOUNT}_{message_id}"'.encode()) for ear in ears]
        began = time.perf_counter()
        await worker.send(
            _frame("worker:data:delta", {**_account(), "upserts": {"messages": [_message(message_id, text)]}})
        )
        heard = await asyncio.wait_for(asyncio.gather(*hearing), WITHIN_S)
        await worker.recv()
        return [at - began for at in heard]

    @asynccontextmanager
    async def _a_worker(self) -> AsyncIterator[ClientConnection]:
        headers = {"Authorization": f"Bearer {self._worker}"}
        async with connect(f"ws://127.0.0.1:{self._port}/ws/worker/", additional_headers=headers) as socket:
            register = {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 50}
            await socket.send(_frame("worker:register", register))
            await socket.recv()
            yield socket


def _account() -> dict[str, Any]:
    return {"accountId": ACCOUNT, "platform": "douyin"}


def _message(message_id: str, text: str) -> dict[str, Any]:
    return {
        "id": f"msg_{ACCOUNT}_{message_id}",
        "messageId": message_id,
        "conversationId": f"conv_{ACCOUNT}_fan",
        "senderId": "fan",
        "direction": "inbound",
        "content": text,
        "createdAt": int(time.time() * 1000),
    }


def _frame(type: str, payload: Any) -> str:
    return json.dumps(
        {"type": type, "version": "v1", "timestamp": int(time.time() * 1000), "requestId": "r", "payload": payload}
    )
