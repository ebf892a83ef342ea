"""Everything that can go wrong, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from sync.core.change.changes import Cleared
from sync.models import Account, HubSettings, Worker
from sync.protocol.frames import encode_frame
from sync.protocol.messages import DataDelta, DataSync
from sync.storage.database import in_database
from tests.simulation.wire import Cut, WorkerConnection

if TYPE_CHECKING:
    from tests.simulation.run import Simulation

CUTS: Final[Sequence[Cut]] = ("both", "worker first", "hub first")


def line_breaks(sim: Simulation) -> None:
    line = _some_line(sim)
    if line is not None:
        sim.counts["cuts"] += 1
        how = sim.random.choice(CUTS)
        sim.on_loop(lambda: line.cut(how))


def _some_line(sim: Simulation) -> WorkerConnection | None:
    lines = sim.network.open_lines()
    return sim.random.choice(lines) if lines else None


def frame_comes_twice(sim: Simulation) -> None:
    """A frame that was sent last, or some time ago."""
    line = _some_line(sim)
    frames = [text for texts in line.sent.values() for text in texts if '"worker:data:' in text] if line else []
    if line is not None and frames:
        sim.counts["duplicates"] += 1
        line.to_hub.append(frames[-1] if sim.random.random() < 0.7 else sim.random.choice(frames))


def script_speaks(sim: Simulation) -> None:
    """Send what only a script sends: deltas with items, lists that are empty, partial or cleared."""
    line = _some_line(sim)
    if line is not None:
        sim.counts["scripts"] += 1
        frame = encode_frame(_made_up(sim), timestamp=sim.loop.clock(), request_id="script")
        line.to_hub.append(frame)


def _made_up(sim: Simulation) -> DataDelta | DataSync:
    account_id = sim.random.choice(list(sim.shops))
    name = sim.random.choice(["conversations", "messages", "comments"])
    items = list(sim.shops[account_id].items[name].values())
    some = sim.random.sample(items, min(len(items), sim.random.randrange(4)))
    wire = {"accountId": account_id, "platform": "douyin"}
    if sim.random.random() < 0.5:
        gone = [item.id for item in sim.random.sample(items, min(len(items), 2))]
        delta = {**wire, "upserts": {name: some}, "removals": {name: gone}}
        return msgspec.json.decode(msgspec.json.encode(delta), type=DataDelta)
    snapshot = {
        "platform": "douyin",
        "data": {name: some},
        "partial": sim.random.choice([[], [name]]),
        "cleared": [name] if sim.random.random() < 0.2 else [],
    }
    sync = {**wire, "timestamp": sim.loop.clock(), "snapshot": snapshot}
    return msgspec.json.decode(msgspec.json.encode(sync), type=DataSync)


def database_refuses(sim: Simulation) -> None:
    """The next commit."""
    sim.counts["refused commits"] += 1
    sim.hub.faults.refuse_commit = True


def queue_fills(sim: Simulation) -> None:
    """Until the writer takes it."""
    sim.hub.faults.full = True


def hub_dies(sim: Simulation) -> None:
    """At once, or in the next commit: before it, or between it and the answers."""
    moment = sim.random.choice(["now", "before", "after", "after"])
    if moment == "now":
        sim.restart_hub()
    elif moment == "before":
        sim.hub.faults.die_before_commit = True
    else:
        sim.hub.faults.die_after_commit = True


def worker_dies(sim: Simulation) -> None:
    sim.counts["worker crashes"] += 1
    worker = sim.random.choice(list(sim.workers.values()))
    worker.die()
    sim.settle()
    if sim.random.random() < 0.5:
        sim.loop.pass_time(20)
    sim.start_worker(worker)


def account_moves(sim: Simulation) -> None:
    """The owner gives it to the other worker, while snapshots of the first are under way."""
    sim.counts["moves"] += 1
    account = Account.objects.get(pk=sim.random.choice(list(sim.shops)))
    assert account.worker is not None
    account.worker = Worker.objects.exclude(pk=account.worker.pk).get()
    account.save()
    sim.ledger.assign(account.pk, account.lease_epoch, account.worker.name)


def owner_clears(sim: Simulation) -> None:
    sim.counts["clears"] += 1
    sim.say(sim.random.choice(list(sim.shops)), Cleared(epoch=f"e{sim.counts['steps']}"))


def owner_changes_rules(sim: Simulation) -> None:
    """Of who waits: other closing words for all accounts, and whether fans count for one."""
    sim.counts["rules"] += 1
    words = [f"word {number}" for number in sim.random.sample(range(60), 20)]
    HubSettings.objects.update_or_create(pk=HubSettings.ONLY, defaults={"closing_words": words})
    account = Account.objects.get(pk=sim.random.choice(list(sim.shops)))
    account.config = {"fans_count": not account.config.get("fans_count")}
    account.save()


def body_leaves(sim: Simulation) -> None:
    """The body of an account leaves memory: before anything else happens, or in the middle of what is under way."""
    if not sim.evicts:
        return
    hub, account_id = sim.hub, sim.random.choice(list(sim.shops))

    async def put_out() -> None:
        for _ in range(sim.random.randrange(4)):
            await asyncio.sleep(0)
        await in_database(hub.bodies.put_out_account, account_id)
        await asyncio.sleep(0)
        sim.counts["bodies put out"] += not hub.store.get_view(account_id).is_resident

    sim.loop.call_soon(lambda: hub.spawn(put_out()))


TROUBLES: Final[Sequence[tuple[Callable[[Simulation], None], float]]] = (
    (line_breaks, 1.5),
    (frame_comes_twice, 1.5),
    (script_speaks, 1.5),
    (database_refuses, 0.8),
    (queue_fills, 0.8),
    (hub_dies, 1.2),
    (worker_dies, 0.4),
    (account_moves, 1.2),
    (owner_changes_rules, 0.5),
    (owner_clears, 0.1),
    (body_leaves, 20),
)
