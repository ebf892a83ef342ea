"""Two workers on one machine: when one ends, however it does, the other one reads its account without a scan."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.e2e.cast import Cast, Operator, make_cast
from tests.processes import Process, has_ended, list_below
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

NAME = "alpha"
REASSIGNED_S = 25
"""The promise; what follows until the account is read again takes a start of Chromium, on whatever machine this is."""


def user(cast: Cast) -> dict[str, Any]:
    [found] = cast.place.get("/api/im/accounts", cast.tokens["ann"])["data"]["users"]
    return dict(found)


def is_read(cast: Cast) -> bool:
    now = user(cast)
    return (now["login_status"], now["worker_status"]) == ("logged_in", "crawling") and "messages" in now["seen_at"]


def reader(cast: Cast) -> str:
    """The worker that was given the account."""
    workers = cast.place.get("/api/v1/status", cast.tokens["boss"])["data"]["workers"]["items"]
    return next((worker["name"] for worker in workers if NAME in worker["accounts"]), "")


def browsers_of(worker: Process) -> list[psutil.Process]:
    return [process for process in list_below(worker.pid) if is_browser(process)]


def is_browser(process: psutil.Process) -> bool:
    try:
        name = process.name().lower()
    except psutil.NoSuchProcess:  # a helper that has ended since
        return False
    return "chrom" in name or "headless" in name


ENDS = [
    pytest.param(lambda worker: worker.send_signal(signal.SIGKILL), id="kill -9"),
    pytest.param(lambda worker: worker.send_signal(signal.SIGSTOP), id="SIGSTOP", marks=pytest.mark.soak),
    pytest.param(lambda worker: worker.send_signal(signal.SIGTERM), id="SIGTERM", marks=pytest.mark.soak),
]


@pytest.mark.parametrize("end", ENDS)
def test_another_worker_of_the_machine_takes_the_account_over(
    place: Installation, end: Callable[[Process], None]
) -> None:
    place.start_demo("--scenario", "contract", "--fans-interval", "0", "--phone-delay", "0.2")
    operators = (Operator("ann", {NAME: "read"}), Operator("boss", {}, is_staff=True))
    cast = make_cast(place, *operators, configs={NAME: place.demo_config(NAME)})
    other = place.manage("workertoken", "w2")
    place.start_hub()
    first = place.start_worker(cast.worker_token, "first")
    eventually(lambda: is_read(cast), f"read\n{first.tail()}", 120)
    second = place.start_worker(other, "second")
    eventually(lambda: "registered with the hub" in second.tail(), f"registered\n{second.tail()}", 60)
    browsers = browsers_of(first)
    assert browsers

    end(first)
    ended_at = time.monotonic()
    eventually(lambda: reader(cast) == "w2", f"given to the other\n{second.tail()}", 60)
    took = time.monotonic() - ended_at
    assert all(has_ended(browser) for browser in browsers)
    eventually(lambda: is_read(cast), f"read again\n{second.tail()}", 120)
    news = "你们周末开门吗"
    place.inject(NAME, news)

    def has_come() -> bool:
        rows = place.walk(f"/api/im/messages?account_id={NAME}&count=200", "messages", cast.tokens["ann"])
        return news in {row["content"] for row in rows}

    eventually(has_come, f"news\n{second.tail()}", 60)
    assert "waiting for a login" not in second.tail()
    print(f"given to the other worker after {took:.1f} s")

    first.send_signal(signal.SIGCONT)
    if first.alive:
        eventually(lambda: not browsers_of(first) or not first.alive, "the first one has no browser", 60)
    assert reader(cast) == "w2"
