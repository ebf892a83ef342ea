"""Each fault of the platform that whoever reads it may meet: what people are told, and that nothing is lost.

One account for each, a few in one worker with a real browser. A fan writes and comments while the fault is there; it is
seen what the card says meanwhile, then the fault is over, and everything must be there, once. What is said of an
account on which nothing is wrong, on its card or in an alert, is a false alarm; where a person is needed, one alert
must come. Each fault lasts longer than this hub waits with an alert. The tables go to
`build/platform_faults_*.md`, and stand for people in `docs/platform-faults.md`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.request import Request, urlopen

import httpx
import msgspec
import pytest
from msgspec import Struct

from demo.ids import make_snowflake
from demo.scenarios import build_contract
from demo.switches import NO_FAULTS
from demo.world import DemoAccount, DemoComment
from tests.alerts.stand_in import Receiver, receiving
from tests.e2e.cast import Cast, Operator, make_cast, tell_troubles
from tests.e2e.faults import FAULTS, GROUPS, ROWS, Fault, lines_of_docs, lines_of_switches
from tests.e2e.said import NAME, expected, expected_alert, in_text, plain, plain_text, read_card
from tests.every_state import Said
from tests.processes import ROOT, Process
from tests.servers import Installation

READ_S: Final = 300
DWELLS_S: Final = 50.0
"""So long a fault is there at least that is to alarm nobody: each surface is looked at meanwhile."""
SAID_S: Final = 240
OVER_S: Final = 300
LOOKS_S: Final = 2.0
HUB: Final = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "imhub.settings"
from django.core.management import execute_from_command_line
import alerts.core.decide
alerts.core.decide.SETTLE_MS, alerts.core.decide.GAP_MS = 20_000, 1_000
execute_from_command_line(["manage.py", "serve"])
"""
"""A hub that tells a trouble after 20 s, where others wait for two minutes: far less than any fault lasts here."""
INTERVALS_S: Final = {"profile": 30, "contents": 30, "messages": 4, "comments": 8, "notifications": 30}
ANEW_S: Final = 10
PACED_S: Final = 40
"""So many seconds after the fan wrote the card says how the messages come in now."""
SEEN: Final = re.compile(r"seen N (s|min) ago|no update for N min")
"""What may be said of an account of which nobody needs to hear: on a busy computer looks take long."""


class Seen(Struct):
    """What was seen of one fault. `loads`: how often the page of messages was asked for before; `wrote`: when the fan
    did. `said`: in English and Chinese, at the end. `alerts`: the lines about it that went out, without its name and
    time. `alarms`: what should not be said."""

    fault: Fault
    before: tuple[int, int]
    began: float = 0.0
    loads: int = 0
    wrote: float | None = None
    said: tuple[str, str] = ("", "")
    after_s: float | None = None
    heard_s: dict[str, float] = msgspec.field(default_factory=dict)
    over_s: float | None = None
    alerts: list[str] = msgspec.field(default_factory=list)
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
        is_over = self.after_s is not None and self.over_s is not None
        return is_over and self.counts == self.wanted and not self.alarms and self.is_alerted

    @property
    def is_alerted(self) -> bool:
        """Return whether people were told as they are to be: once, in the words of the state, or not at all."""
        wanted = {expected_alert(ROWS[row], "en") for row in self.fault.rows}
        return not self.alerts if wanted == {""} else len(self.alerts) == 1 and self.alerts[0] in wanted

    @property
    def wanted(self) -> tuple[int, int]:
        """Return how many comments and messages are to be there: all that were, and what the fan wrote."""
        return self.before[0] + 1 - self.fault.gone, self.before[1] + 1


def write_world(file: Path, faults: Sequence[Fault]) -> None:
    """Write a world with an account for each fault."""
    world = build_contract(0, 0)
    text = msgspec.json.encode(world.accounts["beta"])
    world.accounts.clear()
    for number, fault in enumerate(faults, start=1):
        own = text.replace(b"90000000002", b"9000000%04d" % number).replace(b"beta2025", b"dy%09d" % (1000 + number))
        account = msgspec.json.decode(own, type=DemoAccount)
        account.key = fault.name
        account.comments += [make_comment(account, number) for number in range(fault.more)]
        world.accounts[fault.name] = account
    file.write_bytes(msgspec.json.encode(world))


def make_comment(account: DemoAccount, number: int) -> DemoComment:
    """Return one more comment of a fan on the account's first work."""
    at = account.comments[-1].created_s + number + 1
    fan = account.comments[0].author_uid
    return DemoComment(make_snowflake(at, Random(number)), account.works[0].aweme_id, fan, f"第 {number} 条", at)


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
    start_hub(place)
    place.start_worker(cast.worker_token)
    return cast


def start_hub(place: Installation) -> None:
    hub = Process("hub", ["-c", HUB], place.env, place.place / "hub.log")
    place.processes.append(hub)
    place.wait_for(hub, f"{place.url}/healthz")


def config_of(place: Installation, fault: Fault) -> dict[str, Any]:
    """Return the account's config: quick in all that waits for people, and in what the fault needs to come about."""
    quick = {"check_s": 6, "qr_life_s": 20, "qr_refreshes": 200, "page_s": 6, "intervals": INTERVALS_S}
    return place.demo_config(fault.name) | quick | ({"reload_s": ANEW_S} if fault.is_anew else {})


class Trial:
    """A group of faults, from the first look to the last word. `people`: by language; `pages`: what they look at;
    `receiver`: gets the alerts."""

    def __init__(self, cast: Cast, people: dict[str, httpx.Client], receiver: Receiver) -> None:
        self.cast, self.people, self.receiver = cast, people, receiver
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
        self.let_go_on([one.name for one in faults if one.is_resumed])
        over = time.monotonic()
        poll(lambda: self.all_of(self.look_after(one, over) for one in seen), OVER_S)
        return seen

    def let_go_on(self, names: Sequence[str]) -> None:
        """Do as an owner does who does not want to wait: pause these accounts, and let them go on."""
        with self.cast.client("boss") as boss:

            def all_are(*told: str) -> bool:
                rows = [boss.get(f"/api/im/accounts/{name}").json()["data"] for name in names]
                return all(row["worker_status"] in told for row in rows)

            for status, told in (("inactive", ("waiting",)), ("active", ("waiting", "crawling"))):
                for name in names:
                    boss.patch(f"/api/im/accounts/{name}", json={"status": status}).raise_for_status()
                assert poll(partial(all_are, *told), OVER_S), (names, status)

    def all_of(self, looks: Iterable[bool]) -> bool:
        """Return whether all looks at one moment are true; each is made."""
        self.turn_to()
        return all(list(looks))

    def is_read(self, fault: Fault) -> bool:
        truth = self.cast.place.truth(fault.name)
        wanted = len(truth["comments"]), sum(len(one["messages"]) for one in truth["conversations"])
        return self.count(fault) == wanted and is_calm(self.card(fault, "en"))

    def begin(self, one: Seen) -> None:
        one.loads, one.began = self.count_loads(one.fault), time.monotonic()
        self.ask_demo("switches", {"account": one.fault.name, **one.fault.switches})
        if not one.fault.is_anew:
            self.write(one)

    def count_loads(self, fault: Fault) -> int:
        asked: dict[str, int] = self.ask_demo("requests")
        return asked.get(f"GET /for/{fault.name}/www/chat", 0)

    def write(self, one: Seen) -> None:
        """Let a fan write and comment."""
        name, comment = one.fault.name, {"kind": "comment", "text": one.texts["discussions"], **one.fault.comment}
        fan = self.cast.place.truth(name)["conversations"][1]["partner_uid"]
        self.ask_demo("event", {"account": name, "kind": "message", "uid": fan, "text": one.texts["messages"]})
        self.ask_demo("event", {"account": name, **comment})
        for old in self.cast.place.truth(name)["comments"][: one.fault.gone]:
            self.ask_demo("event", {"account": name, "kind": "delete_comment", "cid": old["cid"]})
        one.wrote = time.monotonic()

    def look(self, one: Seen) -> bool:
        """Look while the fault is there, and return whether all that is to be seen of it was."""
        if one.wrote is None:
            if self.count_loads(one.fault) > one.loads:
                self.write(one)
            return False
        self.hear(one)
        said = self.card(one.fault, "en")
        seconds = time.monotonic() - one.wrote
        if one.fault.is_calm:
            self.note_alarm(one, said)
            pace = self.pace(one.fault)
            if seconds > PACED_S and one.fault.pace not in pace:
                one.alarms.append(pace)
            is_there = len(one.heard_s) == len(one.texts) and (
                not one.fault.gone or self.count(one.fault) == one.wanted
            )
            is_said = is_there and seconds >= DWELLS_S
        else:
            is_said = is_of(said, one.fault, "en")
        if is_said and one.after_s is None:
            zh = self.card(one.fault, "zh-hans")
            if not one.fault.is_calm and not is_of(zh, one.fault, "zh-hans"):
                return False
            one.after_s = time.monotonic() - one.began
            one.said = in_words(said, self.pace(one.fault)), in_words(zh, "")
        one.alerts = list_alerts(self.receiver, one.fault)
        return one.after_s is not None and (one.is_alerted or one.fault.is_calm)

    def look_after(self, one: Seen, over: float) -> bool:
        """Look when the fault is over, and return whether everything is there and well."""
        self.hear(one)
        said = self.card(one.fault, "en")
        if one.fault.is_calm:
            self.note_alarm(one, said)
        if one.over_s is None and len(one.heard_s) == len(one.texts) and is_calm(said):
            one.counts = self.count(one.fault)
            if one.counts == one.wanted:
                one.over_s = time.monotonic() - over
        return one.over_s is not None

    def hear(self, one: Seen) -> None:
        """Note what of the fan's words is there."""
        for route, text in one.texts.items():
            if route not in one.heard_s and text in {row["content"] for row in self.rows(one.fault, route)}:
                one.heard_s[route] = time.monotonic() - (one.wrote or one.began)

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

    def ask_demo(self, path: str, body: dict[str, Any] | None = None) -> Any:
        content = json.dumps(body).encode() if body is not None else None
        url = f"http://127.0.0.1:{self.cast.place.demo_port}/control/{path}"
        with urlopen(Request(url, content, {"Content-Type": "application/json"}), timeout=20) as answer:
            return json.load(answer)


def poll(look: Callable[[], bool], within_s: float) -> bool:
    """Look until it is true, and return whether it became so in time: the table is printed all the same."""
    deadline = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(LOOKS_S)
    return found


def is_of(said: Said, fault: Fault, language: str) -> bool:
    told = [expected(ROWS[row], language) for row in fault.rows]
    reason = fault.reason[language != "en"]
    if reason:
        return said.state in {one.state for one in told} and said.why.endswith(reason)
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
    lost = sum(one.wanted) - sum(one.counts)
    cells = (one.fault.by, *one.said, seconds(one.after_s), *heard, seconds(one.over_s), str(lost))
    return "| " + " | ".join((*cells, "; ".join(sorted(set(one.alarms))) or "none")) + " |"


def line_of_alert(one: Seen) -> str:
    return f"| {one.fault.by} | {'<br>'.join(one.alerts) or '–'} |"


HEAD: Final = (
    "| at the platform | said | in Chinese | after s | message after s | comment after s | well again after s | lost "
    "| false alarms |\n" + "|---" * 9 + "|"
)


HEAD_OF_ALERTS: Final = "| at the platform | the alert |\n|---|---|"


def list_alerts(receiver: Receiver, fault: Fault) -> list[str]:
    """Return the lines about the account that were sent so far, with the name and the time of every account."""
    bodies = [json.loads(one.body)["message"] for one in list(receiver.received) if one.path == "/told"]
    start = f"“{fault.name}”"
    lines = [line for body in bodies for line in body.splitlines() if line.startswith(start)]
    return [plain_text(f"“{NAME}”{line.removeprefix(start)}") for line in lines]


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
    with receiving() as receiver:
        tell_troubles(people["en"], receiver.host, "told")
        seen = Trial(cast, people, receiver).run(faults)
        for one in seen:
            one.alerts = list_alerts(receiver, one.fault)
    table = "\n".join((HEAD, *map(line_of, seen), "", HEAD_OF_ALERTS, *map(line_of_alert, seen)))
    print(table, flush=True)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / f"platform_faults_{faults[0].name}.md").write_text(table + "\n", "utf-8")
    assert [(line_of(one), one.alerts) for one in seen if not one.is_well] == []
    assert [fault.name for fault in faults if "mark_read" in cast.place.truth(fault.name)["done"]] == []


def test_the_page_for_people_has_every_fault_and_switch_with_what_is_said_and_what_was_seen() -> None:
    page = (ROOT / "docs" / "platform-faults.md").read_text("utf-8").splitlines()
    assert [line for line in (*lines_of_docs(), *lines_of_switches()) if line not in page] == []
    seen = {line.split(" | ")[0].removeprefix("| ") for line in page if line.endswith(" | 0 | none |")}
    assert [fault.by for fault in FAULTS if fault.by not in seen] == []
