"""Each outcome that the demo gives a reply, as people read it: state, words, and what the account's card says.

One reply for each switch goes the whole way: hub, worker, Chromium, demo. What is said of it is compared with `CASES`
and with the ledger; the table and pictures of each go to `build/switches/`, to be looked at.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.request import Request, urlopen
from uuid import uuid4

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext

from demo.scenarios import build_contract
from demo.world import DemoAccount
from tests.e2e.cast import Cast, Operator, make_cast
from tests.e2e.said import in_text, read_card
from tests.processes import ROOT
from tests.servers import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.soak]

T = TypeVar("T")
INTO: Final = ROOT / "build" / "switches"
TEXT: Final = "今天能送到，您放心。"
PACE: Final = {"apart_s": [1, 1], "per_hour": 1_000, "per_day": 1_000}
QUICK: Final = {"messages": PACE, "comments": PACE, "night": [0, 0]}
SIZES: Final = {"zh-CN": (1440, 900), "en": (390, 844)}
AT_ONCE: Final = 6
READ_S: Final = 150
ENDS_S: Final = 120
CARD_S: Final = 90
CHECK: Final = "Douyin asks for a check"


class Case(NamedTuple):
    """What is switched on, and how a reply ends then. `card`: what the account's card says of it too, in English."""

    name: str
    switches: Mapping[str, Any]
    state: str
    code: str = ""
    kind: str = "message"
    arrives: bool = False
    card: str = ""


def _message(outcome: str, state: str, code: str = "", *, arrives: bool = False, card: str = "") -> Case:
    return Case(outcome, {"message_outcome": outcome}, state, code, "message", arrives, card)


def _comment(name: str, switches: Mapping[str, Any], state: str, code: str, *, card: str = "") -> Case:
    return Case(name, switches, state, code, "comment", card=card)


CASES: Final = (
    _message("ok", "sent", arrives=True),
    Case("slow", {"send_delay_s": 3.0}, "sent", arrives=True),
    Case("slate", {"editor": "slate"}, "sent", arrives=True),
    Case("draft", {"editor": "draft", "draft": "明天再说"}, "sent", arrives=True),
    Case("namesake_first", {"namesake_first": True}, "sent", arrives=True),
    _message("answer_lost", "sent", arrives=True),
    _message("reload_after", "sent", arrives=True),
    _message("retry_mark", "refused", "refused"),
    _message("check_failed", "refused", "refused"),
    _message("blocked", "refused", "refused"),
    _message("stranger_limit", "refused", "refused"),
    Case("dm_blocked", {"dm_blocked": True}, "refused", "refused"),
    Case("once", {"message_outcome": "retry_mark", "outcome_times": 1}, "refused", "refused"),
    _message("self_visible", "refused", "self_visible"),
    _message("in_review", "refused", "in_review"),
    _message("too_fast", "refused", "risk"),
    _message("kick", "refused", "kicked", card="Needs a new login"),
    _message("check", "unknown", "check", card=CHECK),
    _message("never", "unknown", "no_evidence"),
    _message("reload_before", "unknown", "no_evidence"),
    Case("unknown_editor", {"editor": "unknown"}, "failed", "editor_changed"),
    _comment("comment_deleted", {"comment_deleted": True}, "refused", "refused"),
    _comment("private_work", {"private_work": True}, "refused", "refused"),
    _comment("comment_too_fast", {"too_fast": True}, "refused", "risk"),
    _comment("comment_check", {"comment_outcome": "check"}, "unknown", "check", card=CHECK),
)


class Row(NamedTuple):
    """What was read of a case."""

    case: Case
    reply: dict[str, Any]
    zh: str
    en: str
    card_zh: str
    card_en: str


def write_world(file: Path) -> None:
    """A world with an account for each case; their fans have two names among them."""
    world = build_contract(0, 0)
    for number, person in enumerate(world.people.values()):
        person.nickname = ("晚风", "青柠")[number % 2]
    text = msgspec.json.encode(world.accounts["beta"])
    world.accounts.clear()
    for number, case in enumerate(CASES, start=1):
        own = text.replace(b"90000000002", b"9000000%04d" % number).replace(b"beta2025", b"dy%09d" % (1000 + number))
        account = msgspec.json.decode(own, type=DemoAccount)
        account.key, account.owner.nickname = case.name, f"店{number:02d}"
        world.accounts[case.name] = account
    file.write_bytes(msgspec.json.encode(world))


@pytest.fixture
def cast(place: Installation) -> Cast:
    world = place.place / "world.json"
    write_world(world)
    place.env["IMHUB_WORKER_MAX_ACCOUNTS"] = str(len(CASES))
    place.start_demo("--scenario", str(world), "--phone-delay", "0.2")
    more = {"reply_mode": "send", "budget": QUICK, "evidence_s": 6}
    configs = {case.name: place.demo_config(case.name) | more for case in CASES}
    boss = Operator("boss", {case.name: "operate" for case in CASES}, is_staff=True)
    cast = make_cast(place, boss, configs=configs)
    place.start_hub()
    with cast.client("boss") as client:
        for case in CASES:
            set_status(client, case, "inactive")
    place.start_worker(cast.worker_token)
    return cast


def set_status(client: httpx.Client, case: Case, status: str) -> None:
    client.patch(f"/api/im/accounts/{case.name}", json={"status": status}).raise_for_status()


class People:
    """Who looks: a desk in Chinese, a phone in English."""

    def __init__(self, browser: Browser, cast: Cast) -> None:
        with cast.browser("boss") as client:
            cookies: Any = [{"name": one.name, "value": one.value, "url": cast.url} for one in client.cookies.jar]
        self._contexts: dict[str, BrowserContext] = {}
        for language, (width, height) in SIZES.items():
            context = browser.new_context(
                base_url=cast.url, locale=language, viewport={"width": width, "height": height}
            )
            context.add_cookies(cookies)
            self._contexts[language] = context
        self._pages = {language: context.new_page() for language, context in self._contexts.items()}

    def look(self, case: Case, path: str, language: str) -> str:
        """What stands under the reply. Takes a picture."""
        page = self._pages[language]
        page.goto(path)
        page.screenshot(path=INTO / f"{case.name}-{language}.png")
        said = page.locator(".written > .written-reply .how")
        if not said.count():
            said = page.locator(".message.own").last.locator(".meta")
        return in_text(" ".join(said.all_inner_texts()))

    def card(self, case: Case, language: str) -> str:
        page = self._pages[language]
        page.goto("/accounts")
        said = read_card(page.content(), case.name)
        return " · ".join(one for one in (said.state, said.why, said.hint, said.now) if one)

    def picture(self, name: str, path: str) -> None:
        for language, page in self._pages.items():
            page.goto(path)
            page.screenshot(path=INTO / f"{name}-{language}.png", full_page=True)

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()


@pytest.fixture
def people(browser: Browser, cast: Cast) -> Iterator[People]:
    INTO.mkdir(parents=True, exist_ok=True)
    people = People(browser, cast)
    yield people
    people.close()


def wait_for(look: Callable[[], T | None], within_s: float) -> T | None:
    """What `look` gives once it is true; None if it is not in time: the others of the table are read all the same."""
    deadline = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


class Trial:
    """One reply for each case of a batch, from its words to what is said of it."""

    def __init__(self, cast: Cast, people: People, client: httpx.Client) -> None:
        self.cast, self.people, self.client = cast, people, client

    def run(self, cases: tuple[Case, ...]) -> list[Row]:
        for case in cases:
            self.ask_demo("switches", {"account": case.name, **case.switches})
            set_status(self.client, case, "active")
        assert wait_for(lambda: all(map(self.is_read, cases)), READ_S), f"not read: {[case.name for case in cases]}"
        written = [self.write(case) for case in cases]
        rows = [self.read(case, reply, path) for case, (reply, path) in zip(cases, written, strict=True)]
        for case in cases:
            set_status(self.client, case, "inactive")
        return rows

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/im/{path}").raise_for_status().json()["data"]

    def is_read(self, case: Case) -> bool:
        account = self.get(f"accounts/{case.name}")
        return account["login_status"] == "logged_in" and {"messages", "comments"} <= set(account["seen_at"])

    def write(self, case: Case) -> tuple[dict[str, Any], str]:
        """The reply, and the page where it stands."""
        body: dict[str, Any] = {"client_id": str(uuid4()), "text": TEXT}
        if case.kind == "message":
            talks = self.get(f"conversations?account_id={case.name}&count=50")["conversations"]
            talk = next(one for one in talks if one["last_message"] is not None)
            body |= {"conversation_id": talk["conversation_id"]}
            path = f"/c/{talk['conversation_id']}?tab=all"
        else:
            comments = self.get(f"discussions?account_id={case.name}&count=50")["discussions"]
            comment = next(one for one in comments if not one["is_author_reply"] and one["content"])
            body |= {"discussion_id": comment["discussion_id"]}
            path = f"/d/{comment['discussion_id']}?tab=all"
        reply = self.client.post("/api/im/replies", json=body).raise_for_status().json()["data"]
        return reply, path

    def read(self, case: Case, reply: dict[str, Any], path: str) -> Row:
        """Wait for its end, and read what people do."""

        def end() -> dict[str, Any] | None:
            now: dict[str, Any] = self.get(f"replies/{reply['reply_id']}")
            return now if now["ended_at"] is not None else None

        ended = wait_for(end, ENDS_S) or reply
        if case.card:
            wait_for(lambda: case.card in self.people.card(case, "en"), CARD_S)
        zh, en = (self.people.look(case, path, language) for language in SIZES)
        cards = [self.people.card(case, language) for language in SIZES]
        print(f"{case.name}: {ended['state']} {ended['reason']} | {zh} | {en} | {cards}", flush=True)
        return Row(case, ended, zh, en, *cards)

    def ask_demo(self, path: str, body: dict[str, Any] | None = None) -> Any:
        content = json.dumps(body).encode() if body is not None else None
        url = f"http://127.0.0.1:{self.cast.place.demo_port}/control/{path}"
        with urlopen(Request(url, content, {"Content-Type": "application/json"}), timeout=20) as answer:
            return json.load(answer)


def format_table(rows: list[Row]) -> str:
    lines = ["| switch | state | reason | zh | en | card |", "|---|---|---|---|---|---|"]
    for row in rows:
        reason = row.reply["reason"] or {"code": "", "text": ""}
        said = f"{reason['code']} {reason['text']}".strip()
        cells = (row.case.name, row.reply["state"], said, row.zh, row.en, f"{row.card_zh} / {row.card_en}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def test_each_switch_ends_and_is_told_as_it_is(cast: Cast, people: People) -> None:
    rows: list[Row] = []
    with cast.client("boss") as client:
        trial = Trial(cast, people, client)
        for start in range(0, len(CASES), AT_ONCE):
            rows += trial.run(CASES[start : start + AT_ONCE])
        arrived = trial.ask_demo("ledger?arrived=1")
    people.picture("accounts", "/accounts")
    (INTO / "table.md").write_text(format_table(rows) + "\n", "utf-8")
    print(format_table(rows))
    said = [(row.case.name, row.reply["state"], (row.reply["reason"] or {"code": ""})["code"]) for row in rows]
    assert said == [(case.name, case.state, case.code) for case in CASES]
    assert [row.case.name for row in rows if row.case.card not in row.card_en] == []
    assert sorted(one["account"] for one in arrived) == sorted(case.name for case in CASES if case.arrives)
