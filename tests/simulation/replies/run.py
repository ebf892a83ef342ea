"""One seeded loop: people write replies, workers send them, and everything dies, breaks and repeats in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from sync.core.change.changes import ReplyMoved, ReplyWritten
from sync.core.replies.reply import HOLD_MS, IN_FLIGHT, RETRIABLE, Reply, SendMode, make_reply_id
from sync.core.replies.steps import Cancelled
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token
from tests.simulation.clock import VirtualLoop
from tests.simulation.hub import Died, SimulatedHub
from tests.simulation.replies.platform import FANS, TEXTS, Chat
from tests.simulation.replies.worker import ReplyingWorker
from tests.simulation.wire import Cut, Network

ACCOUNTS = ("a1", "a2")
WORKERS = ("w1", "w2")
CUTS: tuple[Cut, ...] = ("both", "worker first", "hub first")
PACE = {"apart_s": [1, 2], "per_hour": 1000, "per_day": 1000}
CONFIG = {"budget": {"messages": PACE, "comments": PACE, "night": [0, 0]}}
MODES: tuple[SendMode, ...] = ("send", "window")


class NoLedger:
    """Stands in for the ledger of changes: what counts here is the platform's."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def enter(self, _published: Any, _now: int) -> None: ...


class ReplySimulation:
    """`run` some steps, then `close`. The same seed gives the same steps."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.loop = VirtualLoop()
        self.network = Network()
        self.counts: Counter[str] = Counter()
        self.chats = {name: Chat(name, self.random) for name in ACCOUNTS}
        self.unknown: set[str] = set()
        self.written = 0
        self.workers = [self._hire(name) for name in WORKERS]
        for account_id, mode in zip(ACCOUNTS, MODES, strict=True):
            worker = Worker.objects.get(name=self.random.choice(WORKERS))
            config = {**CONFIG, "reply_mode": mode}
            Account.objects.create(pk=account_id, name=account_id, worker=worker, config=config)
        self._start_hub()
        for one in self.workers:
            one.start()

    def _hire(self, name: str) -> ReplyingWorker:
        token = new_worker_token(Worker.objects.create(name=name))
        return ReplyingWorker(name, token, self.chats, self.network, self.loop)

    def _start_hub(self) -> None:
        self.hub = SimulatedHub(self.loop, NoLedger())  # type: ignore[arg-type]  # it keeps no account of its own
        self.hub.begin()
        self.network.open_connection = self.hub.open_connection

    # -- the loop

    def run(self, steps: int) -> None:
        happenings: list[tuple[Callable[[], None], float]] = [
            (self._somebody_writes, 12),
            (self._somebody_takes_back, 0.5),
            (self._somebody_tries_again, 2),
            (self._phone_sends, 1),
            (self._frames_travel, 40),
            (self._hub_writes, 26),
            (self._hub_ticks, 20),
            (self._time_passes, 8),
            (self._workers_look, 5),
            (self._line_breaks, 1),
            (self._frame_comes_twice, 2),
            (self._commit_fails, 0.6),
            (self._hub_dies, 1),
            (self._worker_dies, 0.7),
            (self._account_moves, 0.7),
        ]
        deeds, weights = [deed for deed, _ in happenings], [weight for _, weight in happenings]
        for _ in range(steps):
            self.counts["steps"] += 1
            self.random.choices(deeds, weights)[0]()
            self.settle()
            self.check()
        self._heal()

    def settle(self) -> None:
        self.loop.settle()
        self.network.forget_old()
        for worker in self.workers:
            worker.check()

    # -- the ordinary course

    def _say(self, account_id: str, change: ReplyWritten | ReplyMoved) -> None:
        self.hub.say(account_id, change, lambda _outcome: None)  # type: ignore[arg-type]  # any change will do

    def _somebody_writes(self) -> None:
        account_id, fan = self.random.choice(ACCOUNTS), self.random.choice(FANS)
        waiting = [r for r in self._replies(account_id) if r.is_unfinished]
        if len(waiting) < 4:
            self._write(account_id, fan, self.random.choice(TEXTS))

    def _write(self, account_id: str, fan: str, text: str, retry_of: str = "") -> None:
        self.written += 1
        client_id, now = f"{self.written:032x}", self.loop.clock()
        place = f"conv_{account_id}_{fan}"
        if place not in self.hub.store.get_view(account_id).conversations:
            return
        reply = Reply(
            id=make_reply_id(account_id, client_id),
            client_id=client_id,
            kind="message",
            target=place,
            thread=place,
            text=text,
            mode="send",
            by="op",
            retry_of=retry_of,
            created_at=now,
            not_before=now + HOLD_MS,
        )
        self._say(account_id, ReplyWritten(reply=reply))

    def _replies(self, account_id: str) -> list[Reply]:
        return sorted(self.hub.store.get_view(account_id).replies.values(), key=lambda reply: reply.number)

    def _somebody_takes_back(self) -> None:
        account_id = self.random.choice(ACCOUNTS)
        for reply in self._replies(account_id)[-1:]:
            self._say(account_id, ReplyMoved(reply_id=reply.id, step=Cancelled()))

    def _somebody_tries_again(self) -> None:
        account_id = self.random.choice(ACCOUNTS)
        tried = {reply.retry_of for reply in self._replies(account_id)}
        for reply in self._replies(account_id)[-6:]:
            if reply.state in RETRIABLE and reply.id not in tried:
                self._write(account_id, reply.target.rpartition("_")[2], reply.text, retry_of=reply.id)
                return

    def _phone_sends(self) -> None:
        """The owner writes the same words on the phone, where nobody waits for evidence of them."""
        account_id, fan, text = self.random.choice(ACCOUNTS), self.random.choice(FANS), self.random.choice(TEXTS)
        place = f"conv_{account_id}_{fan}"
        settled = ("sent", "cancelled", "failed")
        if all(r.state in settled for r in self._replies(account_id) if (r.target, r.text) == (place, text)):
            sent = self.chats[account_id]
            sent.press(fan, text, None, self.loop.now)
            sent.sent[-1].shown_from = self.loop.now

    def _frames_travel(self) -> None:
        for _ in range(self.random.choice([1, 1, 4, 20])):
            deliveries = list(self.network.deliverable())
            if not deliveries:
                return
            self.random.choice(deliveries)()
            self.loop.settle()

    def _hub_writes(self) -> None:
        try:
            self.hub.writer.drain()
        except Died:
            self._restart_hub()

    def _hub_ticks(self) -> None:
        self.hub.replies.tick()

    def _time_passes(self) -> None:
        """The hub looks at its replies all the while, as far as it is up."""
        for _ in range(self.random.choice([1, 1, 1, 2, 4])):
            self.loop.pass_time(self.random.choice([0.3, 1, 3, 5]))
            self._hub_ticks()
        if self.random.random() < 0.02:
            self.loop.pass_time(self.random.choice([70, 700]))
        if not any(r.state in IN_FLIGHT for account_id in ACCOUNTS for r in self._replies(account_id)):
            self.loop.pass_time(self.random.choice([0, 0, 100, 2_000]))

    def _workers_look(self) -> None:
        for worker in self.workers:
            worker.look()

    # -- what goes wrong

    def _line_breaks(self) -> None:
        lines = self.network.open_lines()
        if lines:
            self.counts["cuts"] += 1
            line, how = self.random.choice(lines), self.random.choice(CUTS)
            self._on_loop(lambda: line.cut(how))

    def _frame_comes_twice(self) -> None:
        """A word about a reply, the last one or an old one, on a line of the same worker or of another."""
        lines = self.network.open_lines()
        frames = [text for line in lines for texts in line.sent.values() for text in texts if '"worker:reply:' in text]
        if frames:
            self.counts["duplicates"] += 1
            again = frames[-1] if self.random.random() < 0.5 else self.random.choice(frames)
            self.random.choice(lines).to_hub.append(again)

    def _commit_fails(self) -> None:
        self.counts["refused commits"] += 1
        self.hub.faults.refuse_commit = True

    def _hub_dies(self) -> None:
        moment = self.random.choice(["now", "before", "after", "after"])
        if moment == "now":
            self._restart_hub()
        elif moment == "before":
            self.hub.faults.die_before_commit = True
        else:
            self.hub.faults.die_after_commit = True

    def _restart_hub(self) -> None:
        self.counts["crashes"] += 1
        self.hub.die()
        self._on_loop(self.network.hub_died)
        if self.random.random() < 0.5:
            self.loop.pass_time(self.random.choice([0.5, 10, 80]))
        self._start_hub()

    def _worker_dies(self) -> None:
        self.counts["worker crashes"] += 1
        worker = self.random.choice(self.workers)
        worker.die()
        self.settle()
        if self.random.random() < 0.5:
            self.loop.pass_time(self.random.choice([1, 20, 100]))
        worker.start()

    def _account_moves(self) -> None:
        self.counts["moves"] += 1
        account = Account.objects.get(pk=self.random.choice(ACCOUNTS))
        assert account.worker is not None
        account.worker = Worker.objects.exclude(pk=account.worker.pk).get()
        account.save()

    def _on_loop(self, deed: Callable[[], None]) -> None:
        async def do() -> None:
            deed()

        self.loop.run_until_complete(do())

    # -- what must be true

    def check(self) -> None:
        """The four zeros: twice, wrong person, called sent and did not arrive, arrived and is called failed."""
        for account_id, chat in self.chats.items():
            arrived = chat.arrivals()
            assert max(chat.pressed.values(), default=0) <= 1, "a reply was pressed twice"
            replies = self.hub.store.get_view(account_id).replies
            for sent in chat.sent:
                if sent.reply_id is not None and sent.reply_id in replies:
                    assert replies[sent.reply_id].target == f"conv_{account_id}_{sent.fan}", "the wrong person"
            for reply in replies.values():
                if reply.state == "sent":
                    assert arrived[reply.id] == 1, f"{reply.id} is called sent and did not arrive"
                elif reply.state in ("failed", "cancelled", "held", "queued", "typing"):
                    assert not chat.pressed[reply.id], f"{reply.id} was pressed and is {reply.state}"
                elif reply.state == "unknown":
                    self.unknown.add(reply.id)

    def _heal(self) -> None:
        """Nothing more goes wrong: whatever is on its way ends."""
        self.hub.faults.clear()
        for _ in range(400):
            for account_id in ACCOUNTS:
                self._end_stop(account_id)
            self._hub_writes()
            for delivery in list(self.network.deliverable()):
                delivery()
                self.loop.settle()
            self._hub_ticks()
            self._workers_look()
            self.loop.pass_time(self.random.choice([1, 5, 60]))
            self.settle()
            self.check()
            unfinished = [r for a in ACCOUNTS for r in self._replies(a) if r.is_unfinished]
            if not unfinished and not any(worker.results for worker in self.workers):
                break
        assert not unfinished, unfinished
        self._count()

    def _end_stop(self, account_id: str) -> None:
        """Whoever waits for a pause or behind a check is taken back."""
        for reply in self._replies(account_id):
            if reply.state == "queued" and self.loop.clock() - reply.created_at > 1_000_000:
                self._say(account_id, ReplyMoved(reply_id=reply.id, step=Cancelled()))

    def _count(self) -> None:
        ended = [reply for account_id in ACCOUNTS for reply in self._replies(account_id)]
        self.counts.update(f"is {reply.state}" for reply in ended)
        self.counts.update(f"failed: {r.reason.code}" for r in ended if r.state == "failed" and r.reason is not None)
        self.counts.update(f"evidence {reply.evidence}" for reply in ended if reply.evidence is not None)
        sent = {reply.id for reply in ended if reply.state == "sent"}
        self.counts["replies"] = len(ended)
        self.counts["was unknown"] = len(self.unknown)
        self.counts["settled later"] = len(self.unknown & sent)
        self.counts["arrived"] = sum(sum(chat.arrivals().values()) for chat in self.chats.values())

    def close(self) -> None:
        for worker in self.workers:
            worker.die()
        self.hub.die()
        self.loop.end()

    def report(self) -> str:
        return ", ".join(f"{name}: {count:,}" for name, count in sorted(self.counts.items()))
