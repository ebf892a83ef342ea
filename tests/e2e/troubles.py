"""What goes wrong while replies are sent: processes that die, a link that breaks, answers that do not come back."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import suppress
from typing import Final
from urllib.request import Request, urlopen

import psutil

from tests.e2e.relay import Relay
from tests.processes import Process
from tests.servers import Installation

KINDS: Final = ("hub", "worker", "browser", "link", "platform")
LOST: Final = ("answer_lost", "reload_after")
"""The message arrives, and the page hears nothing of it."""
NOTHING: Final = ("reload_before", "never")
"""Nothing arrives, and nobody says so."""


class Troubles:
    """A hub, a worker with a link to it, and what goes wrong with them. `counts`: how many of each kind there were.

    `outcomes`: what may become of a message.
    """

    def __init__(self, place: Installation, worker_token: str, seed: int, outcomes: tuple[str, ...]) -> None:
        self._place, self._token, self._outcomes = place, worker_token, outcomes
        self.seed = seed
        self._rng = random.Random(seed)
        self._round: list[str] = []
        self.counts: Counter[str] = Counter()
        self.hub = place.start_hub()
        self.relay = Relay(place.port)
        self.worker = self._start_worker()

    def _start_worker(self) -> Process:
        return self._place.start(
            "worker",
            "runworker",
            "crawlers",
            IMHUB_WORKER_HUB=f"ws://127.0.0.1:{self.relay.port}/ws/worker/",
            IMHUB_WORKER_TOKEN=self._token,
            IMHUB_SYNC_INTERVAL_S="2",
        )

    def make_one(self, accounts: list[str]) -> str:
        """Let something go wrong now, and start again what died. Each kind comes once before any comes again.

        Returns what it was.
        """
        if not self._round:
            self._round = self._rng.sample(KINDS, len(KINDS))
        kind = self._round.pop()
        self.counts[kind] += 1
        if kind == "hub":
            self.hub.kill()
            self.hub = self._place.start_hub()
        elif kind == "worker":
            self.worker.kill()
            self.worker = self._start_worker()
        elif kind == "browser":
            self._kill_browser()
        elif kind == "link":
            self.relay.drop()
        else:
            change = {"message_outcome": self._rng.choice(self._outcomes), "outcome_times": 1}
            account = self._rng.choice(accounts)
            self._switch({"account": account, **change})
            return f"{kind}: {account} {change['message_outcome']}"
        return kind

    def _switch(self, change: dict[str, object]) -> None:
        url = f"http://127.0.0.1:{self._place.demo_port}/control/switches"
        request = Request(url, json.dumps(change).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=20) as answer:
            assert answer.status == 200

    def _kill_browser(self) -> None:
        """Kill its processes, if it has any at this moment: one that died is opened again after a while."""
        for child in psutil.Process(self.worker.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if child.name().startswith(("chrom", "headless")):
                    child.kill()
                    self.counts["processes of the browser"] += 1

    def end(self) -> None:
        """Cut the link. What was started ends with the installation."""
        self.relay.cut()
