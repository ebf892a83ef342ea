"""A worker killed in the middle of a login: the dialog says so, nothing is kept, and the login is begun anew."""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest

from tests.e2e.cast import Operator, make_cast
from tests.e2e.phone import read_code
from tests.e2e.said import read_card
from tests.every_state import Said
from tests.processes import Process
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

NAME = "alpha"
LOGIN = f"/accounts/{NAME}/login"
WAITS = "Getting the code. This takes up to half a minute."
AWAY = re.compile(r"The computer “.*” is not working\. Check that it is on, awake and online\.")
STOPPED = re.compile(r"The computer “.*” stopped in the middle of the login\. Ask for a new code\.")
SCAN = re.compile(r"Scan with the phone that is logged in as “alpha”; renews in \d+ s\.")
SCANNED = re.compile(r"Scanned\. Confirm it on the phone\.")
TYPE = re.compile(r"Douyin sent a code to .*\. Type it here\.")
DONE = re.compile(r"Logged in\. “alpha” is being read now\.")


class Desk:
    """Somebody in front of the dialog, with the phone of the account in his hand."""

    def __init__(self, place: Installation, browser: httpx.Client, token: str) -> None:
        self.place, self.browser, self.token = place, browser, token
        self.worker: Process = place.start_worker(token)

    def kill_worker(self) -> None:
        self.worker.kill()

    def start_worker(self) -> None:
        self.worker = self.place.start_worker(self.token)

    def said(self) -> str:
        found = re.search(r'<p class="say[^"]*" role="status">(.*?)</p>', self.browser.get(LOGIN).text, re.DOTALL)
        text = re.sub(r"<[^>]+>", "", found[1]) if found else ""
        return unescape(text).strip().replace("\u2068", "").replace("\u2069", "")

    def wait_for(self, sentence: re.Pattern[str]) -> None:
        said = ""

        def is_said() -> bool:
            nonlocal said
            said = self.said()
            return bool(sentence.fullmatch(said))

        try:
            eventually(lambda: is_said() or None, sentence.pattern, 120)
        except AssertionError as error:
            raise AssertionError(f"{error}, it says {said!r}\n{self.worker.tail()}") from None

    def wait_until_read(self) -> None:
        """Wait until the card says when the account was seen."""
        card = self.card()

        def is_read() -> bool:
            nonlocal card
            card = self.card()
            return card.state.startswith("seen ")

        try:
            eventually(lambda: is_read() or None, "it is read", 120)
        except AssertionError as error:
            raise AssertionError(f"{error}, it says {card}\n{self.worker.tail()}") from None

    def begin(self) -> None:
        """Ask for a code until the computer can be asked."""
        eventually(lambda: self.ask() == 200 or None, "the login begins", 90)

    def ask(self) -> int:
        """Press the dialog's button. Return the status of the answer."""
        token = self.browser.cookies["imhub_csrf"]
        return self.browser.post(LOGIN, data={"csrfmiddlewaretoken": token}).status_code

    def scan(self) -> str:
        """Scan the code that the dialog shows. Return the address on the phone."""
        self.wait_for(SCAN)
        picture = re.search(r'src="data:image/png;base64,([^"]+)"', self.browser.get(LOGIN).text)
        assert picture is not None
        address = read_code(base64.b64decode(unescape(picture[1])))
        assert httpx.get(address).status_code == 200
        return address

    def confirm(self, address: str) -> None:
        assert httpx.post(address, data={"account": NAME}).status_code == 200

    def switch(self, **values: bool) -> None:
        url = f"http://127.0.0.1:{self.place.demo_port}/control/switches"
        assert httpx.post(url, json={"account": NAME, **values}).status_code == 200

    def card(self) -> Said:
        return read_card(self.browser.get("/accounts").text, NAME)

    # -- how far a login gets

    def is_shown(self) -> None:
        self.wait_for(SCAN)

    def is_scanned(self) -> None:
        self.scan()
        self.wait_for(SCANNED)

    def wants_short_message(self) -> None:
        self.switch(second_step=True)
        self.confirm(self.scan())
        self.wait_for(TYPE)
        self.switch(second_step=False)


@contextmanager
def a_desk(place: Installation) -> Iterator[Desk]:
    place.start_demo("--scenario", "contract", "--fans-interval", "0")
    config = place.demo_config(NAME)
    cast = make_cast(place, Operator("mei", {NAME: "operate"}), configs={NAME: config})
    place.start_hub()
    with cast.browser("mei") as browser:
        url = f"http://127.0.0.1:{place.demo_port}/control/switches"
        assert httpx.post(url, json={"account": NAME, "phone_away": True}).status_code == 200
        yield Desk(place, browser, cast.worker_token)


def count_sessions(place: Installation) -> int:
    with sqlite3.connect(place.data_dir / "imhub.sqlite3") as database:
        return int(database.execute("select count(*) from sync_accountsession").fetchone()[0])


def list_traces(place: Installation) -> list[str]:
    """The files of hub and worker in which something of a login lies."""
    files = [one for one in [*place.data_dir.rglob("*"), *place.place.glob("*.log")] if one.is_file()]
    code = re.compile(rb"sessionid|data:image/png;base64|/phone/")
    return [file.name for file in files if file.name != "demo.log" and code.search(file.read_bytes())]


def test_a_worker_killed_in_the_middle_of_a_login_keeps_nothing_and_the_login_is_begun_anew(
    place: Installation,
) -> None:
    with a_desk(place) as desk:
        for get_so_far in (desk.is_shown, desk.is_scanned, desk.wants_short_message):
            desk.begin()
            get_so_far()
            desk.kill_worker()
            desk.wait_for(AWAY)
            assert "base64" not in desk.browser.get(LOGIN).text, "the code is dead"
            assert desk.ask() == 409
            desk.start_worker()
            desk.wait_for(STOPPED)
            assert (count_sessions(place), list_traces(place)) == (0, [])
        desk.begin()
        desk.confirm(desk.scan())
        desk.wait_for(DONE)
        assert count_sessions(place) == 1, "it is kept before the dialog says so"
        desk.wait_until_read()
