"""Whatever dies: no reply arrives twice or at the wrong person, and each is called what it is.

A failure names its seed: `pytest tests/simulation/replies --seed 12345` runs the same steps again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import SystemRandom

import pytest
from django.db import connection

import sync.storage.change_log
from tests.simulation.replies.run import ReplySimulation

Simulate = Callable[[int, int], Counter[str]]
STEPS, SEED = (1_500, 1) if connection.vendor == "sqlite" else (250, 13)
"""The seed is one under which everything happens in so many steps."""


@pytest.fixture
def simulate_replies(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    """(seed, steps) -> what was counted."""
    monkeypatch.setattr(sync.storage.change_log, "CHECKPOINT_FROM_BYTES", 20_000)

    def run(seed: int, steps: int) -> Counter[str]:
        simulation = ReplySimulation(seed)
        try:
            simulation.run(steps)
        except BaseException:
            print(f"seed {seed} failed in step {simulation.counts['steps']:,}")
            raise
        finally:
            simulation.close()
        print(f"seed {seed}: {simulation.report()}")
        return simulation.counts

    return run


@pytest.mark.parametrize("seed", [SEED])
def test_each_reply_goes_once_to_the_right_person_and_is_called_what_it_is(
    simulate_replies: Simulate, seed: int
) -> None:
    counts = simulate_replies(seed, STEPS)
    assert counts["steps"] == STEPS
    happened = ["replies", "is sent", "crashes", "worker crashes", "cuts", "duplicates", "moves"]
    assert min(counts[name] for name in happened) > 0


def test_replies_are_called_what_they_are_under_a_random_seed(
    simulate_replies: Simulate, given_seed: int | None
) -> None:
    simulate_replies(given_seed if given_seed is not None else SystemRandom().randrange(10, 10**9), STEPS)


@pytest.mark.soak
def test_replies_are_called_what_they_are_in_a_long_run(simulate_replies: Simulate, given_seed: int | None) -> None:
    first = given_seed if given_seed is not None else SystemRandom().randrange(10, 10**9)
    for seed in range(first, first + 10):
        simulate_replies(seed, 10_000)
