"""How long a person takes."""

from __future__ import annotations

import asyncio

import pytest

from crawler.platforms.douyin.pace import Pace


async def test_what_a_busy_computer_took_for_a_key_is_part_of_the_pause_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace, now = Pace(1.0, 0.2, 8.0), asyncio.get_running_loop().time()
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "sleep", sleep)
        await pace.pause(1.0)
        await pace.pause(1.0, now - 0.6)
        await pace.pause(1.0, now - 2.0)
    whole, rest, nothing = slept
    assert 0.7 <= whole <= 1.5
    assert rest <= 0.9
    assert nothing == 0.0
