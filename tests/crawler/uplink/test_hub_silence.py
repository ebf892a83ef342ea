"""The time until which a worker may be at work is counted by a clock that goes on while the computer sleeps."""

from __future__ import annotations

import time

import pytest

from crawler.uplink.hub_silence import HubSilence, find_clock
from sync.protocol.lease_times import CLOSE_S, STOP_S


def test_each_system_is_asked_for_the_clock_that_goes_on_while_it_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "CLOCK_MONOTONIC_RAW", 4, raising=False)
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    assert (find_clock("linux"), find_clock("darwin")) == (7, 4)
    monkeypatch.delattr(time, "CLOCK_MONOTONIC_RAW")
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    assert find_clock("win32") is None  # its usual clock goes on


def test_browsers_that_may_not_have_been_stopped_count_as_late_already() -> None:
    told: list[float | None] = []
    now = [100.0]
    silence = HubSilence(lambda: now[0], told.append)
    silence.heard(100.0)
    now[0] += STOP_S + 1
    silence.obeyed(is_sure=False)
    assert told == [100.0 + STOP_S, now[0] - CLOSE_S]
    assert not silence.is_over
    silence.heard(now[0])
    silence.obeyed()
    assert told[2:] == [now[0] + STOP_S, None]
