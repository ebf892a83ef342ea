"""Replies that are typed on the demo platform while hub, worker, Chromium and the link die.

What the hub says of each is compared with the platform's ledger.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen
from uuid import uuid4

import httpx
import msgspec
import pytest

from demo.scenarios import build_contract
from demo.world import DemoAccount
from tests.e2e.cast import Cast, Operator, make_cast
from tests.e2e.troubles import KINDS, LOST, NOTHING, Troubles
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

PACE: dict[str, Any] = {"apart_s": [1, 1], "per_hour": 1_000, "per_day": 1_000}
QUICK: dict[str, Any] = {"messages": PACE, "comments": PACE, "night": [0, 0]}
NAMES = ("晚风", "青柠")
STARTS_S = 180
AIMS_S = 15
"""So long a trouble waits for a reply that is being typed: at other moments it would meet none."""
LOOKS_S = 0.3


class Written(NamedTuple):
    """A reply that was asked for, and the sec_uid of the person it is for."""

    reply_id: str
    text: str
    account: str
    person: str


class Plan(NamedTuple):
    """So many replies of so many accounts, and at most so many troubles. `every_s`: from one trouble to the next.

    `waiting`: so many replies are on their way at once. `outcomes`: what becomes of a message, besides that it arrives.
    `evidence_s`: so long the worker looks for what became of one. `settles_s`: so long the hub may look afterwards.
    `least_sent`: of the replies. `seed`: None for another one each time. `within_s`: of all.
    """

    replies: int
    accounts: tuple[str, ...]
    waiting: int
    troubles: int
    every_s: tuple[float, float]
    outcomes: tuple[str, ...]
    evidence_s: float
    settles_s: float
    least_sent: int
    within_s: float
    seed: int | None = None

    @property
    def is_short(self) -> bool:
        """Return whether little else is done meanwhile: other surfaces are read once then."""
        return self.seed is not None


SHORT = Plan(40, ("beta", "gamma", "delta"), 20, 5, (2.0, 4.0), LOST, 5.0, 6.0, 15, 600, 14)
LONG = Plan(500, ("alpha", "beta"), 8, 500, (8.0, 20.0), (*LOST, *NOTHING), 15.0, 30.0, 250, 15_000)
RARELY = {"profile": 600, "contents": 600, "messages": 3, "comments": 600, "notifications": 600}


def write_world(file: Path, plan: Plan) -> None:
    """The small world with accounts like its own, in which everybody has many namesakes."""
    world = build_contract(0, 0)
    text = msgspec.json.encode(world.accounts["beta"])
    for number, name in enumerate(plan.accounts):
        if name not in world.accounts:
            own = text.replace(b"90000000002", b"9000000%04d" % (100 + number))
            own = own.replace(b"beta2025", b"dy%09d" % number)
            account = msgspec.json.decode(own, type=DemoAccount)
            account.key, account.owner.nickname = name, f"店{number}"
            world.accounts[name] = account
    for account in world.accounts.values():
        if plan.is_short:
            account.works, account.comments = account.works[:1], []
    for number, person in enumerate(world.people.values()):
        person.nickname = NAMES[number % len(NAMES)]
    file.write_bytes(msgspec.json.encode(world))


@pytest.fixture
def cast(place: Installation, plan: Plan) -> Cast:
    world = place.place / "world.json"
    write_world(world, plan)
    place.start_demo("--scenario", str(world), "--phone-delay", "0.2", "--switch", "*:namesake_first=true")
    more: dict[str, Any] = {"reply_mode": "send", "budget": QUICK, "evidence_s": plan.evidence_s}
    if plan.is_short:
        more |= {"intervals": RARELY}
    configs = {name: place.demo_config(name) | more for name in plan.accounts}
    return make_cast(place, Operator("mei", dict.fromkeys(plan.accounts, "operate")), configs=configs)


class History:
    """What happened, with the seconds since the start: what a failure is explained by."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lines: list[str] = []

    def note(self, what: str) -> None:
        self._lines.append(f"{time.monotonic() - self._began:6.1f} s  {what}")

    def __str__(self) -> str:
        return "\n".join(self._lines)


class Run:
    """One run of `plan`."""

    def __init__(self, cast: Cast, troubles: Troubles, plan: Plan) -> None:
        self.cast, self.troubles, self.plan = cast, troubles, plan
        self.rng = random.Random(troubles.seed)
        self.written: list[Written] = []
        self.ends: dict[str, str] = {}
        """Reply id -> the state in which it ended first."""
        self.is_one_in_flight = False
        self.history = History()
        self.client = cast.client("mei")
        self.places = {
            account: eventually(partial(self.talks, account), account, STARTS_S) for account in plan.accounts
        }
        self.history.note("all is read")

    def talks(self, account: str) -> list[dict[str, Any]] | None:
        """The conversations with people, once they are read."""
        time.sleep(LOOKS_S)
        found = self.get(f"conversations?account_id={account}&count=50").get("conversations", [])
        return [one for one in found if one["participant"]] if len(found) >= 5 else None

    def get(self, path: str) -> dict[str, Any]:
        """What the hub answers; empty while it is away."""
        try:
            answer = self.client.get(f"/api/im/{path}")
        except httpx.HTTPError:
            return {}
        return answer.json()["data"] or {} if answer.status_code == 200 else {}

    def go(self) -> None:
        """Write all replies, with troubles between, until each has ended."""
        deadline = time.monotonic() + self.plan.within_s
        trouble_at, troubles = time.monotonic() + self.plan.every_s[1], self.plan.troubles
        while len(self.ends) < self.plan.replies:
            self.note_ends()
            while len(self.written) < self.plan.replies and len(self.waiting()) < self.plan.waiting:
                self.write()
            if troubles and time.monotonic() > trouble_at + (0 if self.is_one_in_flight else AIMS_S):
                troubles -= 1
                self.history.note(self.troubles.make_one(list(self.plan.accounts)))
                trouble_at = time.monotonic() + self.rng.uniform(*self.plan.every_s)
            assert time.monotonic() < deadline, (
                f"not ended: {[self.state(one) for one in self.waiting()]}\n{self.explain()}"
            )
            time.sleep(LOOKS_S)

    def waiting(self) -> list[Written]:
        return [one for one in self.written if one.reply_id not in self.ends]

    def note_ends(self) -> None:
        now = {one.reply_id: self.state(one) for one in self.waiting()}
        ended = {id: reply for id, reply in now.items() if reply and reply["ended_at"] is not None}
        self.ends |= {id: reply["state"] for id, reply in ended.items()}
        for reply in ended.values():
            code = (reply["reason"] or {"code": ""})["code"]
            self.history.note(f"{reply['text']} {reply['state']} {code}".rstrip())
        self.is_one_in_flight = any(reply.get("state") in ("typing", "pressing") for reply in now.values())

    def state(self, one: Written) -> dict[str, Any]:
        """The reply as it is now; empty while the hub is away."""
        return self.get(f"replies/{one.reply_id}")

    def write(self) -> None:
        """Asked for until the hub has taken it: the same body is one reply."""
        account = self.plan.accounts[len(self.written) % len(self.plan.accounts)]
        talk = self.rng.choice(self.places[account])
        text = f"回复 {len(self.written)} 号"
        body = {"client_id": str(uuid4()), "conversation_id": talk["conversation_id"], "text": text, "force": True}

        def taken() -> dict[str, Any] | None:
            try:
                answer = self.client.post("/api/im/replies", json=body)
            except httpx.HTTPError:
                return None
            return answer.json()["data"] if answer.status_code in (200, 201) else None

        reply = eventually(taken, f"the hub takes a reply of {account}", 60)
        self.written.append(Written(reply["reply_id"], text, account, talk["participant"]["user_id"]))

    def ledger(self) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.cast.place.demo_port}/control/ledger?arrived=1"
        with urlopen(url, timeout=20) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def compare(self) -> None:
        """What the hub says of each reply with what arrived; and print it."""
        said = self.settle()
        arrived, people = self.ledger(), self.cast.place.people()
        reached = {one["text"]: (one["account"], people[one["to_uid"]]["sec_uid"]) for one in arrived}
        twice = [text for text, times in Counter(one["text"] for one in arrived).items() if times > 1]
        there = [one for one in self.written if one.text in reached]
        wrong = [one for one in there if reached[one.text] != (one.account, one.person)]
        lacking = [one for one in self.written if said[one]["state"] == "sent" and one not in there]
        denied = [one for one in there if said[one]["state"] in ("failed", "refused", "cancelled")]
        unknown = [one for one in self.written if self.ends.get(one.reply_id) == "unknown"]
        settled = sum(said[one]["state"] != "unknown" for one in unknown)
        silent = sum(one in there for one in unknown if said[one]["state"] == "unknown")
        states = Counter(reply["state"] for reply in said.values())
        reasons = Counter(reply["reason"]["code"] for reply in said.values() if reply["reason"])
        print(
            f"\nseed {self.troubles.seed}: {len(self.written)} replies, troubles {dict(self.troubles.counts)}; "
            f"{len(arrived)} arrived, {len(twice)} twice, {len(wrong)} at the wrong person, "
            f"{len(lacking)} sent and not there, {len(denied)} failed and there; "
            f"{len(unknown)} unknown, {settled} of them settled later, {silent} of the rest arrived; "
            f"in the end {dict(states)}, reasons {dict(reasons)}"
        )
        strange = [one["text"] for one in arrived if one["text"] not in {known.text for known in self.written}]
        odd = {one.text: said[one] for one in self.written if one.text in twice or one in wrong + lacking + denied}
        why = f"{self.explain()}\nreplies {json.dumps(odd, ensure_ascii=False)}\nledger {arrived}"
        assert (twice, wrong, lacking, denied, strange) == ([], [], [], [], []), why
        assert len(arrived) == len(there), why
        assert states["sent"] >= self.plan.least_sent, why
        assert self.plan.troubles < len(KINDS) or set(KINDS) <= set(self.troubles.counts), why

    def explain(self) -> str:
        """What a failure is explained by: the seed, what happened, and the last lines of each process."""
        tails = [f"-- {one.name}\n{one.tail()}" for one in self.cast.place.processes]
        return "\n".join([f"seed {self.troubles.seed}", str(self.history), *tails])

    def settle(self) -> dict[Written, dict[str, Any]]:
        """Give the unknown ones the time of some looks. Return all replies as they are then."""
        until = time.monotonic() + self.plan.settles_s
        while True:
            said = {one: self.state(one) for one in self.written}
            is_settled = all(reply.get("state", "unknown") != "unknown" for reply in said.values())
            if is_settled or time.monotonic() > until:
                return said
            time.sleep(2)


@pytest.fixture
def troubles(cast: Cast, plan: Plan) -> Iterator[Troubles]:
    seed = random.randrange(10**6) if plan.seed is None else plan.seed
    made = Troubles(cast.place, cast.worker_token, seed, plan.outcomes)
    yield made
    made.end()


@pytest.mark.parametrize("plan", [SHORT, pytest.param(LONG, marks=pytest.mark.soak)], ids=["short", "full"])
def test_what_is_said_of_replies_in_troubles_is_true(cast: Cast, troubles: Troubles, plan: Plan) -> None:
    run = Run(cast, troubles, plan)
    run.go()
    run.compare()
    print(run.history)
