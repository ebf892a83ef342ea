"""The hub as a simulation: whatever goes wrong, what was answered is kept, and everybody sees the same.

A failure names its seed: `pytest tests/simulation --seed 12345` runs the same steps again.
"""

from __future__ import annotations

from random import SystemRandom

import pytest
from django.db import connection

from tests.simulation.conftest import Simulate

SEEDS = range(1, 10)
DELTAS_COME = (2, 3, 5, 6, 8, 9)
"""The others have few or none: where workers look seldom or lose their hub often, most snapshots go in full."""
STEPS = 1_000 if connection.vendor == "sqlite" else 250


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_answered_is_lost_and_everybody_sees_the_same(simulate: Simulate, seed: int) -> None:
    simulation = simulate(seed, STEPS)
    counts = simulation.counts
    assert counts["steps"] == STEPS
    happened = ["acks", "writes", "changes", "walks", "pushed events", "windows compared"]
    if STEPS >= 1_000 and seed in DELTAS_COME:
        happened.append("deltas")
    if simulation.evicts:
        happened += ["bodies put out", "bodies read"]
    assert min(counts[name] for name in happened) > 0


def test_nothing_is_lost_under_a_random_seed(simulate: Simulate, given_seed: int | None) -> None:
    seed = given_seed if given_seed is not None else SystemRandom().randrange(10, 10**9)
    simulate(seed, STEPS)


def test_the_same_seed_gives_the_same_steps(simulate: Simulate) -> None:
    assert simulate(1, 200).counts == simulate(1, 200).counts


@pytest.mark.soak
def test_nothing_is_lost_in_a_long_run(simulate: Simulate, given_seed: int | None) -> None:
    first = given_seed if given_seed is not None else SystemRandom().randrange(10, 10**9)
    for seed in range(first, first + 20):
        simulate(seed, 10_000)
