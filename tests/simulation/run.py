"""One seeded loop: people write, workers look, frames travel, the hub writes, operators and clients do their work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from sync.core.change.changes import Cleared, OperatorChange
from sync.models import Account, HubSettings, Worker
from sync.worker.tokens import new_worker_token
from sync.writing.jobs import Done, Outcome
from tests.simulation.checks import Checks, check_browsers
from tests.simulation.clients import Clients
from tests.simulation.clock import VirtualLoop
from tests.simulation.faults import TROUBLES
from tests.simulation.hub import Died, SimulatedHub
from tests.simulation.ledger import Ledger
from tests.simulation.people import a_word
from tests.simulation.windows import Windows
from tests.simulation.wire import Network
from tests.simulation.workers import WorkerProcess
from tests.simulation.world import Shop

WORKERS = ("w1", "w2")
ACCOUNTS = ("a1", "a2", "a3")
CHECK_EVERY = 10
HEALING_S = 600
"""Longer than the regular full snapshot is away."""


class Simulation:
    """`run` some steps, then `close`; the database is empty before and after. The same seed gives the same steps.

    `evicts`: bodies of accounts leave memory now and then.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.evicts = seed % 3 != 0
        self.random = Random(seed)
        self.loop = VirtualLoop()
        self.network = Network()
        self.ledger = Ledger()
        self.counts: Counter[str] = self.ledger.counts
        self.shops = {name: Shop(name, self.random, self.loop.clock()) for name in ACCOUNTS}
        self.workers = {name: self._hire(name) for name in WORKERS}
        for account_id in ACCOUNTS:
            self._open_account(account_id)
        self.checks = Checks(self.ledger)
        self.network.on_answer = self.checks.note_answer
        self.clients = Clients(self.random, self.ledger)
        self.windows = Windows(self.random, self.on_loop, self.counts)
        self.hub: SimulatedHub
        self._start_hub()
        for worker in self.workers.values():
            self.start_worker(worker)

    def start_worker(self, worker: WorkerProcess) -> None:
        """The first sends deltas; every second time that the other starts, it is of a kind that does not know them."""
        worker.deltas = worker.name == WORKERS[0] or self.random.random() < 0.5
        worker.start()

    def _hire(self, name: str) -> WorkerProcess:
        worker = Worker.objects.create(name=name)
        return WorkerProcess(name, new_worker_token(worker), self.shops, self.loop)

    def _open_account(self, account_id: str) -> None:
        self.ledger.add_account(account_id)
        worker = self.random.choice(WORKERS)
        Account.objects.create(pk=account_id, name=account_id, worker=Worker.objects.get(name=worker))
        self.ledger.assign(account_id, 1, worker)

    # -- the loop

    def run(self, steps: int) -> None:
        happenings: list[tuple[Callable[[], None], float]] = [
            (self._people_write, 12),
            (self._frames_travel, 40),
            (self._hub_writes, 16),
            (self._time_passes, 14),
            (self._operator_speaks, 10),
            (self._client_reads, 10),
            (self.windows.happen, 8),
            *((lambda trouble=trouble: trouble(self), weight) for trouble, weight in TROUBLES),
        ]
        deeds, weights = [deed for deed, _ in happenings], [weight for _, weight in happenings]
        for number in range(steps):
            self.counts["steps"] += 1
            self.random.choices(deeds, weights)[0]()
            self.settle()
            if number % CHECK_EVERY == 0:
                self.checks.check(self.hub, self.random.choice(ACCOUNTS))
        self._heal()

    def settle(self) -> None:
        """Everything that needs no time and no delivery has happened when this returns."""
        self.loop.settle()
        self.network.forget_old()
        for worker in self.workers.values():
            worker.check()
        check_browsers(self.workers.values())
        self.clients.see(self.hub)

    def _people_write(self) -> None:
        for _ in range(self.random.randrange(1, 4)):
            self.random.choice(list(self.shops.values())).live(self.loop.clock())

    def _frames_travel(self) -> None:
        for _ in range(self.random.choice([1, 1, 4, 20])):
            deliveries = list(self.network.deliverable())
            if not deliveries:
                return
            self.random.choice(deliveries)()
            self.loop.settle()

    def _hub_writes(self) -> None:
        self.hub.faults.full = False
        try:
            self.hub.writer.drain()
        except Died:
            self.restart_hub()

    def _time_passes(self) -> None:
        self.loop.pass_time(self.random.choice([0.1, 1, 1, 5, 5, 15]))

    def _operator_speaks(self) -> None:
        account_id = self.random.choice(ACCOUNTS)
        self.say(account_id, a_word(self.hub.store.get_view(account_id), self.random, self.loop.clock()))

    def _client_reads(self) -> None:
        self.clients.read(self.hub)

    # -- what troubles and the ordinary course have in common

    def say(self, account_id: str, word: OperatorChange | Cleared) -> None:
        """Somebody asks the hub to change something, and is answered, or told to come again."""

        def answered(outcome: Outcome) -> None:
            if isinstance(outcome, Done):
                self.counts["writes"] += 1
                self.checks.note_answered(account_id, outcome.view.version)

        if not self.hub.say(account_id, word, answered):
            self.counts["busy"] += 1

    def restart_hub(self) -> None:
        """It dies as by `kill -9`: what is not in the database is gone."""
        self.counts["crashes"] += 1
        self.hub.die()
        self.on_loop(self.network.hub_died)
        if self.random.random() < 0.5:
            self.loop.pass_time(self.random.choice([0.5, 10, 40]))
        self._start_hub()
        self.checks.check_all(self.hub)

    def _start_hub(self) -> None:
        self.hub = SimulatedHub(self.loop, self.ledger)
        self.hub.begin()
        self.network.open_connection = self.hub.open_connection
        self.clients.hub_started()
        self.windows.hub_started(self.hub.feed)

    def on_loop(self, deed: Callable[[], None]) -> None:
        self.loop.call_soon(deed)
        self.loop.settle()

    # -- the end

    def _heal(self) -> None:
        """Nothing goes wrong any more: the hub comes to hold what the workers hold."""
        self.hub.faults.clear()
        for _ in range(HEALING_S // 3):
            self.loop.pass_time(3)
            self._deliver_all()
        self.checks.check_all(self.hub)
        self.clients.finish()
        self.windows.finish()
        self._check_healed()

    def _deliver_all(self) -> None:
        while True:
            self.settle()
            self.hub.writer.drain()
            self.settle()
            deliveries = list(self.network.deliverable())
            if not deliveries:
                return
            for deliver in deliveries:
                deliver()

    def _check_healed(self) -> None:
        for account_id, epoch in self.ledger.epochs.items():
            process = self.workers[self.ledger.owners[account_id, epoch]]
            self.checks.check_equal(self.hub.store.get_view(account_id), process.manager_of(account_id))

    def close(self) -> None:
        self.hub.die()
        for worker in self.workers.values():
            worker.die()
        self.loop.end()
        Account.objects.all().delete()
        HubSettings.objects.all().delete()
        Worker.objects.all().delete()

    def report(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.counts.items()))
        return f"seed {self.seed}: {counts}, 0 lost"
