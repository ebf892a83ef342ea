"""Each fault of the platform that whoever reads it may meet: what people are told, and that nothing is lost.

One account for each, a few in one worker with a real browser. A fan writes and comments while the fault is there; it is
seen what the card says meanwhile, then the fault is over, and everything must be there. The tables go to
`build/platform_faults_*.md`, and stand for people in `docs/platform-faults.md`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import httpx
import msgspec
import pytest
from msgspec import Struct

from demo.scenarios import build_contract
from demo.switches import NO_FAULTS
from demo.world import DemoAccount
from tests.e2e.cast import Cast, Operator, make_cast
from tests.e2e.faults import FAULTS, ROWS, Fault, lines_of_docs
from tests.e2e.said import expected, in_text, plain, read_card
from tests.every_state import Said
from tests.processes import ROOT
from tests.servers import Installation

AT_ONCE: Final = 6
GROUPS: Final = {FAULTS[at].name: FAULTS[at : at + AT_ONCE] for at in range(0, len(FAULTS), AT_ONCE)}
READ_S: Final = 300
DWELLS_S: Final = 50.0
"""So long a fault is there at least that is to alarm nobody: each surface is looked at meanwhile."""
SAID_S: Final = 240
OVER_S: Final = 240
LOOKS_S: Final = 2.0
INTERVALS_S: Final = {"profile": 30, "contents": 30, "messages": 4, "comments": 8, "notifications": 30}
ANEW_S: Final = 10
SEEN: Final = re.compile(r"seen N (s|min) ago|no update for N min")
"""What may be said of an account of which nobody needs to hear: on a busy computer looks take long."""


class Seen(Struct):
    """What was seen of one fault. `said`: in English and Chinese, at the end. `alarms`: what should not be said."""

    fault: Fault
    before: tuple[int, int]
    began: float = 0.0
    said: tuple[str, str] = ("", "")
    after_s: float | None = None
    heard_s: dict[str, float] = msgspec.field(default_factory=dict)
    over_s: float | None = None
    counts: tuple[int, int] = (0, 0)
    alarms: list[str] = msgspec.field(default_factory=list)

    @property
    def texts(self) -> dict[str, str]:
        return {
            "messages": self.fault.text or f"私信 {self.fault.name}",
            "discussions": f"评论 {self.fault.name}",
        }

    @property
    def is_well(self) -> bool:
        all_there = self.counts == (self.before[0] + 1, self.before[1] + 1)
        return self.after_s is not None and self.over_s is not None and all_there and not self.alarms


def write_world(file: Path, faults: Sequence[Fault]) -> None:
    """Write a world with an account for each fault."""
    world = build_contract(0, 0)
    text = msgspec.json.encode(world.accounts["beta"])
    world.accounts.clear()
    for number, fault in enumerate(faults, start=1):
        own = text.replace(b"90000000002", b"9000000%04d" % number).replace(b"beta2025", b"dy%09d" % (1000 + number))
        account = msgspec.json.decode(own, type=DemoAccount)
        account.key = fault.name
        world.accounts[fault.name] = account
    file.write_bytes(msgspec.json.encode(world))


@pytest.fixture
def faults(request: pytest.FixtureRequest) -> Sequence[Fault]:
    return GROUPS[request.param]


@pytest.fixture
def cast(place: Installation, faults: Sequence[Fault]) -> Cast:
    world = place.place / "world.json"
    write_world(world, faults)
    place.env["IMHUB_WORKER_MAX_ACCOUNTS"] = str(len(faults))
    place.start_demo("--scenario", str(world), "--phone-delay", "0.2", "--fans-interval", "0")
    boss = Operator("boss", {fault.name: "operate" for fault in faults}, is_staff=True)
    cast = make_cast(place, boss, configs={fault.name: config_of(place, fault) for fault in faults})
    place.start_hub()
    place.start_worker(cast.worker_token)
    return cast


def config_of(place: Installation, fault: Fault) -> dict[str, Any]:
    """Return the account's config: quick in all that waits for people, and in what the fault needs to come about."""
    quick = {"check_s": 6, "qr_life_s": 20, "qr_refreshes": 200, "page_s": 6, "intervals": INTERVALS_S}
    return place.demo_config(fault.name) | quick | ({"reload_s": ANEW_S} if fault.is_anew else {})


class Trial:
    """A group of faults, from the first look to the last word. `people`: by language; `pages`: what they look at."""

    def __init__(self, cast: Cast, people: dict[str, httpx.Client]) -> None:
        self.cast, self.people = cast, people
        self.pages: dict[str, str] = {}

    def turn_to(self) -> None:
        """Look at the accounts page once for all of the group."""
        self.pages = {language: person.get("/accounts").text for language, person in self.people.items()}

    def run(self, faults: Sequence[Fault]) -> list[Seen]:
        assert poll(lambda: self.all_of(map(self.is_read, faults)), READ_S), [
            (one.name, self.count(one)) for one in faults
        ]
        seen = [Seen(fault, self.count(fault)) for fault in faults]
        for one in seen:
            self.begin(one)
        poll(lambda: self.all_of(map(self.look, seen)), SAID_S)
        self.ask_demo("switches", {"account": "*", **msgspec.to_builtins(NO_FAULTS)})
        over = time.monotonic()
        poll(lambda: self.all_of(self.look_after(one, over) for one in seen), OVER_S)
        return seen

    def all_of(self, looks: Iterable[bool]) -> bool:
        """Return whether all looks at one moment are true; each is made."""
        self.turn_to()
        return all(list(looks))

    def is_read(self, fault: Fault) -> bool:
        truth = self.cast.place.truth(fault.name)
        wanted = len(truth["comments"]), sum(len(one["messages"]) for one in truth["conversations"])
        return self.count(fault) == wanted and is_calm(self.card(fault, "en"))

    def begin(self, one: Seen) -> None:
        name = one.fault.name
        fan = self.cast.place.truth(name)["conversations"][1]["partner_uid"]
        self.ask_demo("switches", {"account": name, **one.fault.switches})
        self.ask_demo("event", {"account": name, "kind": "message", "uid": fan, "text": one.texts["messages"]})
        self.ask_demo("event", {"account": name, "kind": "comment", "text": one.texts["discussions"]})
        one.began = time.monotonic()

    def look(self, one: Seen) -> bool:
        """Look while the fault is there, and return whether all that is to be seen of it was."""
        self.hear(one)
        said = self.card(one.fault, "en")
        if one.fault.is_calm:
            self.note_alarm(one, said)
            is_there = len(one.heard_s) == len(one.texts) and one.fault.pace in self.pace(one.fault)
            is_said = is_there and time.monotonic() - one.began >= DWELLS_S
        else:
            is_said = is_of(said, one.fault.rows, "en")
        if is_said and one.after_s is None:
            zh = self.card(one.fault, "zh-hans")
            if not one.fault.is_calm and not is_of(zh, one.fault.rows, "zh-hans"):
                return False
            one.after_s = time.monotonic() - one.began
            one.said = in_words(said, self.pace(one.fault)), in_words(zh, "")
        return one.after_s is not None

    def look_after(self, one: Seen, over: float) -> bool:
        """Look when the fault is over, and return whether everything is there and well."""
        self.hear(one)
        said = self.card(one.fault, "en")
        if one.fault.is_calm:
            self.note_alarm(one, said)
        if one.over_s is None and len(one.heard_s) == len(one.texts) and is_calm(said):
            one.over_s, one.counts = time.monotonic() - over, self.count(one.fault)
        return one.over_s is not None

    def hear(self, one: Seen) -> None:
        """Note what of the fan's words is there."""
        for route, text in one.texts.items():
            if route not in one.heard_s and text in {row["content"] for row in self.rows(one.fault, route)}:
                one.heard_s[route] = time.monotonic() - one.began

    def note_alarm(self, one: Seen, said: Said) -> None:
        if not is_calm(said):
            one.alarms.append(in_words(said, ""))

    def rows(self, fault: Fault, route: str) -> list[dict[str, Any]]:
        return self.cast.place.walk(
            f"/api/im/{route}?account_id={fault.name}&count=200", route, self.cast.tokens["boss"]
        )

    def count(self, fault: Fault) -> tuple[int, int]:
        return len(self.rows(fault, "discussions")), len(self.rows(fault, "messages"))

    def card(self, fault: Fault, language: str) -> Said:
        return plain(read_card(self.pages[language], fault.name))

    def pace(self, fault: Fault) -> str:
        """What the card says beside the messages."""
        mark = f'data-account="{fault.name}" data-surface="messages">'
        found = re.search(r"<small>(.*?)</small>", self.pages["en"].partition(mark)[2].partition("</dd>")[0])
        return in_text(found[1]) if found else ""

    def ask_demo(self, path: str, body: dict[str, Any]) -> None:
        url = f"http://127.0.0.1:{self.cast.place.demo_port}/control/{path}"
        request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=20) as answer:
            assert answer.status == 200


def poll(look: Callable[[], bool], within_s: float) -> bool:
    """Look until it is true, and return whether it became so in time: the table is printed all the same."""
    deadline = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(LOOKS_S)
    return found


def is_of(said: Said, rows: Sequence[str], language: str) -> bool:
    told = [expected(ROWS[row], language) for row in rows]
    return (said.state, said.why) in {(one.state, one.why) for one in told}


def is_calm(said: Said) -> bool:
    """Return whether English words ask nobody for anything."""
    return SEEN.fullmatch(said.state) is not None and not said.why


def in_words(said: Said, pace: str) -> str:
    return " · ".join(text for text in (said.state, said.why, pace) if text)


def line_of(one: Seen) -> str:
    def seconds(value: float | None) -> str:
        return "**not**" if value is None else f"{value:.0f}"

    heard = (seconds(one.heard_s.get(route)) for route in one.texts)
    lost = sum(one.before) + 2 - sum(one.counts)
    cells = (one.fault.by, *one.said, seconds(one.after_s), *heard, seconds(one.over_s), str(lost))
    return "| " + " | ".join((*cells, "; ".join(sorted(set(one.alarms))) or "none")) + " |"


HEAD: Final = (
    "| at the platform | said | in Chinese | after s | message after s | comment after s | well again after s | lost "
    "| false alarms |\n" + "|---" * 9 + "|"
)


@pytest.fixture
def people(cast: Cast) -> Iterator[dict[str, httpx.Client]]:
    with cast.browser("boss") as en, cast.browser("boss") as zh:
        en.headers["Accept-Language"], zh.headers["Accept-Language"] = "en", "zh-hans"
        yield {"en": en, "zh-hans": zh}


@pytest.mark.soak
@pytest.mark.e2e
@pytest.mark.browser
@pytest.mark.parametrize("faults", GROUPS, indirect=True)
def test_each_fault_is_told_as_it_is_and_nothing_is_lost(
    cast: Cast, people: dict[str, httpx.Client], faults: Sequence[Fault]
) -> None:
    seen = Trial(cast, people).run(faults)
    table = "\n".join((HEAD, *map(line_of, seen)))
    print(table, flush=True)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / f"platform_faults_{faults[0].name}.md").write_text(table + "\n", "utf-8")
    assert [line_of(one) for one in seen if not one.is_well] == []
    assert [fault.name for fault in faults if "mark_read" in cast.place.truth(fault.name)["done"]] == []


def test_the_page_for_people_has_every_fault_with_what_is_said() -> None:
    page = (ROOT / "docs" / "platform-faults.md").read_text("utf-8").splitlines()
    assert [line for line in lines_of_docs() if line not in page] == []
