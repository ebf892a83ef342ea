"""Keeps the world on disk: a platform does not forget when its process ends."""

import os
from pathlib import Path

import msgspec

from demo.scenarios import load_scenario
from demo.world import World

INTERVAL_S = 30.0


def load_world(state: str, scenario: str, seed: int, now_s: int) -> tuple[World, float]:
    """Return the kept world if there is one, else the scenario's; and how often its fans act (s).

    Raises UnknownScenario.
    """
    world, interval = load_scenario(scenario, seed, now_s)
    if state and Path(state).exists():
        world, _ = load_scenario(state, seed, now_s)
    return world, interval


def save_world(state: str, world: World) -> None:
    """Write the world, whole or not at all."""
    path = Path(state)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.json.encode(world))
    os.replace(part, path)
