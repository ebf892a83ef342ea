"""The time that a reply takes, from the end of its hold or from a person's Enter to `sent`: typed at a person's pace.

The budget is off, and the demo's page waits 0.3 s for what became of a message, as the platform's does.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from sync.core.replies.reply import HOLD_MS
from tests.displays import running_display
from tests.e2e.cast import Cast, Operator, make_cast
from tests.servers import Installation, eventually, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.soak]

REPLIES: Final = 20
TEXT: Final = "您好，这款有现货，今天下单明天就能送到。"
EDITOR: Final = '[data-e2e="msg-input"] [contenteditable="true"]'
PACE: Final = {"apart_s": [1, 1], "per_hour": 1_000, "per_day": 1_000}
NO_BUDGET: Final = {"messages": PACE, "comments": PACE, "night": [0, 0]}
STARTS_S: Final = 240
ENDS_S: Final = 90
TYPED_S: Final = 5.0
PRESSED_S: Final = 1.0


class Took(NamedTuple):
    """The seconds of a reply: from `start` (the end of its hold, or the person's Enter) to the permission, and to
    `sent`.
    """

    permitted: float
    sent: float


class Desk:
    """Somebody who answers as `alpha`, at an installation that reads at a person's pace and as often as usual."""

    def __init__(self, place: Installation, mode: str) -> None:
        place.start_demo("--scenario", "contract", "--fans-interval", "0", "--phone-delay", "0.2")
        config = place.demo_config("alpha") | {"pace": 1.0, "reply_mode": mode, "budget": NO_BUDGET}
        del config["intervals"]
        self.place = place
        self.cast: Cast = make_cast(place, Operator("mei", {"alpha": "operate"}), configs={"alpha": config})
        place.start_hub()
        self.worker = place.start_worker(self.cast.worker_token)
        self.talks = eventually(self._read, "all is read", STARTS_S)

    def get(self, path: str) -> Any:
        return self.place.get(f"/api/im/{path}", self.cast.tokens["mei"])["data"]

    def _read(self) -> list[str] | None:
        assert self.worker.alive, self.worker.tail()
        time.sleep(0.5)
        if not {"messages", "comments", "contents"} <= set(self.get("accounts/alpha")["seen_at"]):
            return None
        found = self.get("conversations?account_id=alpha&count=50")["conversations"]
        return [one["conversation_id"] for one in found if one["last_message"] is not None]

    def write(self, number: int) -> str:
        """Return the id of a reply, of 20 characters, that nobody wrote before."""
        text = f"{TEXT[:-3]}{number:02d}。"
        assert len(text) == 20
        body = {
            "client_id": str(uuid4()),
            "conversation_id": self.talks[number % len(self.talks)],
            "text": text,
            "force": True,
        }
        with self.cast.client("mei") as client:
            reply: dict[str, Any] = client.post("/api/im/replies", json=body).raise_for_status().json()["data"]
        return str(reply["reply_id"])

    def wait(self, reply_id: str, *states: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            time.sleep(0.1)
            reply: dict[str, Any] = self.get(f"replies/{reply_id}")
            assert reply["state"] in states or reply["ended_at"] is None, reply
            return reply if reply["state"] in states else None

        return eventually(look, f"the reply is {states}", ENDS_S)


def tell(what: str, took: list[Took]) -> float:
    """Print it, and return the median to `sent`."""
    to_sent = sorted(one.sent for one in took)
    typing = median(one.permitted for one in took)
    print(
        f"\n{what}, {len(took)} replies of 20 characters: median {median(to_sent):.2f} s to sent "
        f"({to_sent[0]:.2f} to {to_sent[-1]:.2f}); to the permission {typing:.2f} s, "
        f"from there {median(one.sent - one.permitted for one in took):.2f} s"
    )
    return median(to_sent)


def test_a_reply_is_sent_within_five_seconds_of_its_hold_typing_included(place: Installation) -> None:
    desk, took = Desk(place, "send"), []
    for number in range(REPLIES):
        reply = desk.wait(desk.write(number), "sent")
        start = reply["created_at"] + HOLD_MS
        took.append(Took((reply["pressed_at"] - start) / 1000, (reply["ended_at"] - start) / 1000))
        print(f"{number}: {took[-1]}", flush=True)
    assert tell("from the end of the hold", took) < TYPED_S


def open_to_debuggers(place: Installation) -> int:
    """Let the worker's browser take a debugger at a port, and return that port."""
    (port,) = free_ports(1)
    browser = place.place / "browser"
    browser.write_text(f'#!/bin/sh\nexec /usr/bin/chromium --remote-debugging-port={port} "$@"\n')
    browser.chmod(0o755)
    place.env["IMHUB_CHROMIUM"] = str(browser)
    return port


@pytest.fixture
def visible(place: Installation) -> Iterator[Installation]:
    """Its worker shows windows, on a display that nobody looks at."""
    with running_display() as display:
        place.env |= {"IMHUB_WORKER_BROWSER": "visible", "DISPLAY": display}
        yield place
        place.stop()


def find_text(browser: Browser, text: str) -> Page | None:
    """Return the page in whose editor the text stands."""
    for page in (page for context in browser.contexts for page in context.pages):
        try:
            if any(text in one for one in page.locator(EDITOR).all_inner_texts()):
                return page
        except BrowserError:
            continue
    return None


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb, and nothing that can be seen without it")
@pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium that can show a window")
def test_a_reply_is_sent_within_a_second_of_a_persons_enter(visible: Installation, browser: Browser) -> None:
    port, took = open_to_debuggers(visible), []
    desk = Desk(visible, "window")
    watched = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
    for number in range(REPLIES):
        reply = desk.wait(desk.write(number), "pressing")
        look = partial(find_text, watched, reply["text"])
        page = eventually(look, "the text stands in the window", ENDS_S)
        enter = time.time()
        page.keyboard.press("Enter")
        reply = desk.wait(reply["reply_id"], "sent")
        took.append(Took(0.0, reply["ended_at"] / 1000 - enter))
        print(f"{number}: {took[-1].sent:.2f}", flush=True)
    assert tell("from a person's Enter", took) < PRESSED_S
