"""From a worker's frame to the event at a client, over real sockets: few clients, many, and one that never reads."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bench.ear import Ear
from bench.hub import HubServer, a_hub
from bench.results import Chart, Found, Table, median, percentile
from bench.sizes import Sizes
from bench.worker import BenchWorker, a_delta, a_message

ACCOUNT: Final = "acc-push"
WARM_UP: Final = 5
PAUSE_S: Final = 0.03
WITHIN_S: Final = 20.0
AIMS: Final = {50: "p99 < 15 ms", 200: "p99 < 20 ms"}
TEXT: Final = "你好，这件还有货吗？今天拍什么时候能发？"
# A client that does not read must not be spared by what the kernel holds for it.
LONG: Final = "还在吗？" * 500


def run(place: Path, sizes: Sizes) -> Found:
    table = Table("Push: ms from a worker's frame to the event at each client", ["clients", "p50", "p99", "aim"])
    middles, lasts = [], []
    with a_hub(place, [ACCOUNT]) as hub:
        bench = Bench(hub, sizes.pushes)
        for count in sizes.clients:
            times = asyncio.run(bench.measure(count))
            middles.append((count, median(times)))
            lasts.append((count, percentile(times, 99)))
            table.add(str(count), median(times), percentile(times, 99), AIMS.get(count))
        ratios = []
        for _ in range(sizes.deaf_turns):
            alone = percentile(asyncio.run(bench.measure(count, LONG)), 99)
            ratios.append(percentile(asyncio.run(bench.measure(count, LONG, deaf=1)), 99) / alone)
    table.notes.append(f"The p99 beside one that never reads is {median(ratios):.2f} times that without (aim: 1.2).")
    chart = Chart("push", "From a worker's frame to the event", "clients", "ms", {"p50": [*middles], "p99": [*lasts]})
    return Found([table], [chart])


class Bench:
    """Tells a hub of changes and listens to it."""

    def __init__(self, hub: HubServer, changes: int) -> None:
        self._hub = hub
        self._changes = changes
        self._number = 0

    async def measure(self, clients: int, text: str = TEXT, deaf: int = 0) -> list[float]:
        """Return the ms of every change at every client that reads."""
        async with AsyncExitStack() as stack:
            worker = await stack.enter_async_context(BenchWorker.connect(self._hub))
            await self._tell(worker, [], text)  # the first of all is history, of which nobody is told
            ears = [await self._an_ear(stack) for _ in range(clients)]
            for _ in range(deaf):
                (await self._an_ear(stack)).turn_deaf()
            times: list[float] = []
            for change in range(WARM_UP + self._changes):
                taken = await self._tell(worker, ears, text)
                if change >= WARM_UP:
                    times += taken
                await asyncio.sleep(PAUSE_S)
            return times

    async def _an_ear(self, stack: AsyncExitStack) -> Ear:
        ear = await Ear.connect(self._hub.port, self._hub.operator, ACCOUNT)
        stack.callback(ear.leave)
        return ear

    async def _tell(self, worker: BenchWorker, ears: list[Ear], text: str) -> list[float]:
        self._number += 1
        message = a_message(ACCOUNT, f"m{self._number}", text)
        hearing = [ear.hear(f'"{message["id"]}"'.encode()) for ear in ears]
        request_id, frame = worker.encode("worker:data:delta", a_delta(ACCOUNT, message))
        began = time.perf_counter()
        answered = asyncio.ensure_future(worker.send_text(request_id, frame))
        heard = await asyncio.wait_for(asyncio.gather(*hearing), WITHIN_S)
        await answered
        return [(at - began) * 1000 for at in heard]
