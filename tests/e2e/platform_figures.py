"""Measures a worker on the demo platform: `python -m tests.e2e.platform_figures [PART …]`. No test.

Five accounts at the pace of a person, in one worker with a real browser. Each part starts anew: `quiet` (what it costs
while nobody writes), `busy` (while each fan writes every 10 s), `latency` (from a fan's message to the event at a
client), `no_socket` (the same with the websocket switched off, and what the accounts page says of it), `growth` (memory
over many page loads, at a pace of no person, while the same fans write again and again), `trace` (the site's log of six
looks by a person and by the worker). Options give lengths and numbers. It says at the end what missed an aim.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from websockets.sync.client import ClientConnection

from tests.browsers import running_async_browser
from tests.crawler.platforms.douyin.site import a_site
from tests.crawler.platforms.douyin.traces import KEY, LOOKS, Compared, both_at, compare
from tests.e2e.platform_place import KEYS, Place, Use, running, use
from tests.servers import eventually

WRITES_EVERY_S: Final = 10.0
FANS: Final = 12
SAMPLES: Final = 30
_MARKS: Final = ("mark_read", "mark_read_of_unread")
_numbers = count(1)

AIMS: Final[Mapping[str, float]] = {
    "p50 s": 1,
    "p95 s": 3,
    "slowest s without the socket": 60,
    "PSS MB of browser and driver": 1024,
    "% of a core while quiet": 25,
    "% of a core while each writes every 10 s": 60,
    "grown %": 5,
    "requests more than a person's page": 0,
    "mark_read": 0,
    "requests of no page": 0,
}


Figures = dict[str, float]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("parts", nargs="*", choices=[*NAMES, []], help="default: all")
    asked.add_argument("--seconds", type=float, default=120, help="of quiet, and of busy")
    asked.add_argument("--messages", type=int, default=100)
    asked.add_argument("--visible", action="store_true", help="with a window; `xvfb-run -a` gives it a display")
    given = asked.parse_args()
    missed: list[str] = []
    for name in given.parts or NAMES:
        print(f"## {name}", flush=True)
        figures = measure(name, given.seconds, given.messages, is_visible=given.visible)
        for what, value in figures.items():
            aim = AIMS.get(what)
            print(f"{what}: {value:.2f}" + (f" (aim {aim:g})" if aim is not None else ""), flush=True)
            if aim is not None and value > aim:
                missed.append(f"{name}: {what}")
    print("missed: " + "; ".join(missed) if missed else "every aim is met")
    return 1 if missed else 0


def measure(name: str, seconds: float, messages: int, *, is_visible: bool = False) -> Figures:
    """Return the figures of one part, by what they say."""
    if name == "trace":
        return measure_trace()
    with running(is_fast=name == "growth", is_visible=is_visible) as place:
        figures = PARTS[name](place, seconds, messages)
        done, strange = place.done(), place.strange_requests()
    print(f"asked for by no page: {strange or 'nothing'}", flush=True)
    marks = {what: float(done.get(what, 0)) for what in _MARKS}
    return figures | marks | {"requests of no page": float(len(strange))}


def measure_quiet(place: Place, seconds: float, _messages: int) -> Figures:
    return use_during(place, seconds, "% of a core while quiet", lambda: None)


def measure_busy(place: Place, seconds: float, _messages: int) -> Figures:
    return use_during(place, seconds, "% of a core while each writes every 10 s", lambda: write_to_all(place))


def write_to_all(place: Place) -> None:
    """A fan of each account writes: one of few, so that what there is to hold does not grow by new conversations."""
    for key in KEYS:
        number = next(_numbers)
        place.at.inject(key, f"在吗 {number}", f"常客 {number // len(KEYS) % FANS}")


def use_during(place: Place, seconds: float, what: str, act: Callable[[], None]) -> Figures:
    """Return what browser and driver use, with `act` every 10 s."""
    pages, before, begin = place.done()["pages"], use(place), time.monotonic()
    while (left := begin + seconds - time.monotonic()) > 0:
        act()
        time.sleep(min(WRITES_EVERY_S, left))
    took, after = time.monotonic() - begin, use(place)
    shares = {kind: 100 * (after[kind].cpu_s - before[kind].cpu_s) / took for kind in after}
    figures = {f"% of a core, {kind}": share for kind, share in shares.items()}
    figures |= {f"PSS MB, {kind}": one.pss_mb for kind, one in after.items()}
    return {
        **figures,
        what: shares["browser"] + shares["driver"],
        "PSS MB of browser and driver": after["browser"].pss_mb + after["driver"].pss_mb,
        "page loads per account and hour": (place.done()["pages"] - pages) / len(KEYS) / (took / 3600),
    }


class Moment(NamedTuple):
    """The memory at one moment, after so many page loads of all accounts."""

    after_s: float
    pages: int
    used: Mapping[str, Use]

    def __str__(self) -> str:
        each = ", ".join(f"{kind} {one.pss_mb:.0f}" for kind, one in self.used.items())
        return f"after {self.after_s / 60:.1f} min and {self.pages} page loads: {each} MB"


def measure_growth(place: Place, seconds: float, _messages: int) -> Figures:
    """The first third of the time is for growing warm; the second is compared with the last.

    Compare whole rounds: the page of messages is loaded anew every 15 min, and what it holds goes with it.
    """
    moments = []
    for moment in moments_of(place, seconds):
        print(moment, flush=True)
        moments.append(moment)
    middle, last = moments[SAMPLES // 3 : 2 * SAMPLES // 3], moments[2 * SAMPLES // 3 :]
    before, after = usual_mb(middle), usual_mb(last)
    return {
        "page loads": moments[-1].pages,
        "PSS MB per account": sum(after.values()) / len(KEYS),
        **{f"grown MB, {kind}": after[kind] - before[kind] for kind in after},
        "grown %": 100 * (sum(after.values()) / sum(before.values()) - 1),
    }


def moments_of(place: Place, seconds: float) -> Iterator[Moment]:
    """Yield SAMPLES moments within so many seconds, while fans write."""
    pages, begin = place.done()["pages"], time.monotonic()
    for number in range(1, SAMPLES + 1):
        while (left := begin + seconds * number / SAMPLES - time.monotonic()) > 0:
            write_to_all(place)
            time.sleep(min(WRITES_EVERY_S, left))
        yield Moment(time.monotonic() - begin, place.done()["pages"] - pages, use(place))


def usual_mb(moments: Sequence[Moment]) -> dict[str, float]:
    """Return the median of each kind of process."""
    return {kind: statistics.median(one.used[kind].pss_mb for one in moments) for kind in moments[0].used}


def measure_latency(place: Place, _seconds: float, messages: int) -> Figures:
    with place.client() as socket:
        took = sorted(delay_of(place, socket, KEYS[number % len(KEYS)]) for number in range(messages))
    return {"p50 s": statistics.median(took), "p95 s": took[int(len(took) * 0.95)], "slowest s": took[-1]}


def measure_no_socket(place: Place, _seconds: float, messages: int) -> Figures:
    """A few messages: each takes as long as it takes until the next look."""
    place.switch(no_socket=True)
    # A page that is open keeps its socket: it is loaded anew with the next session.
    place.switch(expired_session=True)
    eventually(lambda: all(line.startswith("by responses") for line in lines_of(place)), "each line says so", 150)
    print(f"the lines of the accounts page: {lines_of(place)}")
    # Not before: a client that reads nothing meanwhile is cut off.
    with place.client() as socket:
        took = sorted(delay_of(place, socket, KEYS[number % len(KEYS)]) for number in range(max(5, messages // 10)))
    return {"p50 s without the socket": statistics.median(took), "slowest s without the socket": took[-1]}


def lines_of(place: Place) -> list[str]:
    """What the accounts page says of how often it looks at messages."""
    with place.cast.browser("ann") as browser:
        page = browser.get("/accounts/").text
    return re.findall(r'data-surface="messages">.*?<small>(.*?)</small>', page, re.DOTALL)


def delay_of(place: Place, socket: ClientConnection, key: str) -> float:
    words = f"figure {next(_numbers)}."
    begin = time.perf_counter()
    place.at.inject(key, words)
    while words not in str(socket.recv(timeout=90)):
        pass
    return time.perf_counter() - begin


def measure_trace() -> Figures:
    """What the site is asked for by a person and by the worker who look at the same, with one account and no hub."""
    with tempfile.TemporaryDirectory() as folder, a_site(Path(folder), "--scenario", "contract") as site:

        async def look() -> list[Compared]:
            async with running_async_browser() as browser, both_at(site, browser) as both:
                return [await compare(*both, what) for what in LOOKS]

        looks, done = asyncio.run(look()), site.account(KEY)["done"]
    for one in looks:
        print(one, flush=True)
    return {
        "requests by a person's pages": sum(one.alone.others.total() for one in looks),
        "requests by the worker's": sum(one.ours.others.total() for one in looks),
        "requests more than a person's page": sum(one.more.total() for one in looks),
        **{what: done.get(what, 0) for what in _MARKS},
    }


PARTS: Final[Mapping[str, Callable[[Place, float, int], Figures]]] = {
    "quiet": measure_quiet,
    "busy": measure_busy,
    "latency": measure_latency,
    "no_socket": measure_no_socket,
    "growth": measure_growth,
}
NAMES: Final = (*PARTS, "trace")


if __name__ == "__main__":
    sys.exit(main())
