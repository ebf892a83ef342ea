"""How much is measured: all of it, or so little that a test can see that every part still runs."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace


class Sizes(Struct, frozen=True):
    """`rounds` follow one that warms up. `seconds`: of one measurement of HTTP. `accounts` keep syncing meanwhile."""

    rounds: int = 5
    seconds: float = 1.0
    has_wrk: bool = True
    redis_requests: int = 30_000
    changes: int = 40
    accounts: int = 100
    store_reads: int = 2_000
    searched: int = 300_000
    messages: tuple[int, ...] = (10, 100, 1_000, 10_000, 100_000)
    crowds: tuple[int, ...] = (10, 100, 1_000, 10_000)
    grown_reads: int = 100
    ingest_seconds: float = 6.0
    unchanged: int = 2_000
    hub_workers: int = 16
    large: int = 50
    large_messages: int = 2_600
    flood_messages: int = 400
    clients: tuple[int, ...] = (1, 50, 200)
    pushes: int = 60
    deaf_turns: int = 3
    memory_accounts: int = 500
    evicted_accounts: int = 1_000
    start_accounts: int = 100
    start_messages: int = 1_000
    attack_seconds: float = 4.0
    attacks: int = 5
    inbox_threads: int = 10_000
    inbox_messages: int = 100_000
    inbox_turns: int = 5


FULL: Final = Sizes()
LARGE: Final = replace(FULL, memory_accounts=10_000, evicted_accounts=10_000, start_accounts=1_000)
TINY: Final = Sizes(
    rounds=1,
    seconds=0.02,
    has_wrk=False,
    redis_requests=200,
    changes=2,
    accounts=3,
    store_reads=5,
    searched=300,
    messages=(10, 100),
    crowds=(2, 5),
    grown_reads=2,
    ingest_seconds=0.1,
    unchanged=5,
    hub_workers=2,
    large=2,
    large_messages=20,
    flood_messages=10,
    clients=(1, 2),
    pushes=2,
    deaf_turns=1,
    memory_accounts=3,
    evicted_accounts=20,
    start_accounts=2,
    start_messages=10,
    attack_seconds=0.1,
    attacks=1,
    inbox_threads=60,
    inbox_messages=300,
    inbox_turns=1,
)
