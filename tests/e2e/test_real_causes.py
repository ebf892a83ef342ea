"""Every state of an account by its real cause, against the table of tests/data/every_state.json, and its one alert.

Each group prints a table: what was done, when the hub said it, and what card, banner, foot, API and alert said in both
languages. `python -m tests.every_state build/real_causes_*.json` brings the figures into docs/account-states.md.
TRIAL_CAUSES chooses accounts; tests/e2e/causes.py has them.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from alerts.words import MOST_LINES
from tests.alerts.stand_in import Received, Receiver, receiving
from tests.e2e.cables import Cables, can_have_cables
from tests.e2e.cast import tell_troubles
from tests.e2e.causes import Cause, choose_groups
from tests.e2e.said import expected, expected_alert, plain, plain_text, read_card
from tests.e2e.trial import NO_PLATFORMS, Trial
from tests.every_state import EVERY_STATE, Measured, Said, StateRow, Told
from tests.processes import ROOT
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

ROWS: Final = {row.cause: row for row in EVERY_STATE}
GROUPS: Final = choose_groups()
LOST: Final = ("expired", "qrcode_pending")
STARTS: Final[dict[str, dict[str, Any]]] = {
    "main": {},
    "killed": {},
    "cut": {"through_relay": True},
    "asleep": {},
    "early": {},
    "full": {"IMHUB_WORKER_MAX_ACCOUNTS": "1"},
    "old": {"script": NO_PLATFORMS},
    "stuck": {},
    "blank": {},
    "frozen": {},
    "leaving": {},
    "chat": {},
    "changed": {},
}
"""How each computer starts its worker."""
READ_WITHIN_S: Final = 500
_IN_CHINESE: Final = """
from alerts.models import Destination
Destination.objects.filter(label="zh-hans").update(language="zh-hans")
"""


class Seen(NamedTuple):
    """What was said of a cause, and how many seconds after it. `row`: of the table, empty for none."""

    cause: Cause
    row: str
    seconds: float
    en: Said
    zh: Said
    told: Told


@pytest.fixture
def causes(request: pytest.FixtureRequest) -> Sequence[Cause]:
    return GROUPS[request.param]


@pytest.fixture
def trial(place: Installation, tmp_path_factory: pytest.TempPathFactory, causes: Sequence[Cause]) -> Iterator[Trial]:
    needs_cables = any(one.worker == "cabled" for one in causes)
    if needs_cables and not can_have_cables():
        pytest.skip("networks of their own need Linux and root")
    with ExitStack() as stack:
        cables = Cables() if needs_cables else None
        if cables is not None:
            stack.callback(cables.remove)
        trial = Trial(place, cables, tmp_path_factory.mktemp("desk"), causes)
        stack.callback(trial.stop)
        yield trial


def begin(trial: Trial) -> None:
    """Start the computers."""
    for name, how in STARTS.items():
        if name in trial.tokens:
            env = dict(how)
            port = trial.to_hub.port if env.pop("through_relay", False) else 0
            script = env.pop("script", "")
            trial.start(name, *(("-c", script) if script else ()), hub_port=port, **env)
    if "cabled" in trial.tokens:
        trial.start_in_the_net("cabled")
    if "no_browser" in trial.accounts:
        trial.start_without_browser("no_browser")


def show_nothing(trial: Trial) -> None:
    trial.relays["blank"].is_blank = True
    trial.signal_browsers("blank", signal.SIGKILL)


def change_chat(trial: Trial) -> None:
    trial.switch("chat", silent_im=True, objects_renamed=True)
    trial.signal_browsers("chat", signal.SIGKILL)


def change_all(trial: Trial) -> None:
    trial.switch("all_changed", silent_im=True, objects_renamed=True, json_renamed=True)
    trial.signal_browsers("changed", signal.SIGKILL)


def lose_and_kill(trial: Trial) -> None:
    trial.switch("lost_and_killed", expired_session=True, phone_away=True)
    eventually(lambda: trial.told("lost_and_killed").login_status in LOST or None, "the login is lost", 120)
    trial.workers["killed"].kill()


def set_(trial: Trial, account: str, **fields: Any) -> None:
    trial.api.patch(f"/api/im/accounts/{account}", json=fields).raise_for_status()


ACTS: Final[dict[str, Callable[[Trial], object]]] = {
    "killed": lambda trial: trial.workers["killed"].kill(),
    "cut": lambda trial: trial.to_hub.cut(),
    "asleep": lambda trial: trial.workers["asleep"].send_signal(signal.SIGSTOP),
    "lost_and_killed": lose_and_kill,
    "logged_out": lambda trial: trial.switch("logged_out", expired_session=True, phone_away=True),
    "renumbered": lambda trial: set_(trial, "renumbered", platform_user_id="dy000000001"),
    "kicked": lambda trial: trial.switch("kicked", kicked=True),
    "paused": lambda trial: set_(trial, "paused", status="inactive"),
    "fault": lambda trial: setattr(trial.relays["fault"], "fault_at", b"/comment/"),
    "check": lambda trial: trial.switch("check", check=True),
    "moved": lambda trial: trial.switch("moved", comment_page="gone"),
    "renamed": lambda trial: trial.switch("renamed", json_renamed=True),
    "banned": lambda trial: set_(trial, "banned", status="banned"),
    "unplugged": lambda trial: trial.pull_cable(),
    "blank": show_nothing,
    "chat": change_chat,
    "all_changed": change_all,
    "taken_over": lambda trial: trial.workers["leaving"].kill(),
    "frozen": lambda trial: trial.signal_browsers("frozen", signal.SIGSTOP),
}
"""What is done to an account that is read."""
ENDS: Final[dict[str, Callable[[Trial], object]]] = {
    "fault": lambda trial: setattr(trial.relays["fault"], "fault_at", b""),
}
"""What ends a cause once all was said of it. This fault would need a person after five minutes: in a slow trial just
while the one alert is awaited."""


class Watch:
    """Looks at all causes again and again until each is said as the table has it, or its time is over."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._at: dict[str, float] = {}
        self._left = {one.account: one.steps for one in trial.causes}
        self._open = {one.account: one for one in trial.causes}
        self.seen: list[Seen] = []
        self.wrong: list[str] = []

    @property
    def is_open(self) -> bool:
        return bool(self._open)

    def began(self, account: str) -> None:
        """Take notice that a cause is there now. What was said before is not of it."""
        self._at[account] = time.monotonic()

    def look(self) -> None:
        page = self._trial.cards("en")
        for cause in list(self._open.values()):
            if cause.account in self._at:
                self._look_at(cause, page)

    def _look_at(self, cause: Cause, page: str) -> None:
        name, seconds = cause.account, time.monotonic() - self._at[cause.account]
        said = plain(read_card(page, name), f"Shop {name}")
        row = next((ROWS[one] for one in self._left[name][0] if is_card_of(said, ROWS[one])), None)
        if row is not None and self._trial.said(cause, "en", page) == expected(row, "en"):
            zh = self._trial.said(cause, "zh-hans")
            if zh == expected(row, "zh-hans"):
                self._note(cause, row.cause, seconds, expected(row, "en"), zh)
                self._left[name].pop(0)
                if not self._left[name]:
                    del self._open[name]
                    if (end := ENDS.get(name)) is not None:
                        end(self._trial)
                return
        if seconds > cause.within_s:
            self.wrong.append(name)
            en, zh = self._trial.said(cause, "en"), self._trial.said(cause, "zh-hans")
            self._note(cause, "", seconds, en, zh)
            del self._open[name]

    def _note(self, cause: Cause, row: str, seconds: float, en: Said, zh: Said) -> None:
        told = self._trial.told(cause.account)
        self.seen.append(Seen(cause, row, seconds, en, zh, told))
        what = row or f"NOT {self._left[cause.account][0]}: {en} {told}"
        print(f"{cause.account}: {what} after {seconds:.0f} s", flush=True)


def is_card_of(said: Said, row: StateRow) -> bool:
    return replace(expected(row, "en"), banner="", foot="") == said


def watch(trial: Trial) -> Watch:
    """Let every cause happen as soon as its account is read, and look until everything is said."""
    watch, waiting = Watch(trial), {one.account for one in trial.causes if one.is_read}
    trial.sign_in_all()
    for one in trial.causes:
        if not one.is_read and one.account != "early":
            watch.began(one.account)
    if "early" in trial.accounts:
        eventually(lambda: trial.told("early").worker_status != "offline" or None, "the early computer is there", 120)
        trial.workers["early"].kill()
        watch.began("early")
    deadline = time.monotonic() + READ_WITHIN_S
    while waiting or watch.is_open:
        for name in [one for one in waiting if trial.is_read(one)]:
            ACTS[name](trial)
            watch.began(name)
            waiting.discard(name)
        watch.look()
        assert not waiting or time.monotonic() < deadline, [(name, trial.told(name)) for name in waiting]
        time.sleep(0.5)
    return watch


def line_of(cause: Cause, alert: str) -> str:
    """Return what an alert says of the account, empty for nothing."""
    names = f"“Shop {cause.account}”", f"「Shop {cause.account}」"
    return next((line for line in alert.splitlines() if line.startswith(names)), "")


def in_table(seen: list[Seen], alerts: dict[str, str]) -> str:
    lines = ["| cause | row | s | API | card | banner | foot | alert |", "|---|---|---|---|---|---|---|---|"]
    for one in seen:
        for language, said in (("en", one.en), ("zh-hans", one.zh)):
            card = " · ".join(text for text in (said.state, said.why, said.hint, said.now, said.button) if text)
            told = one.told
            api = " ".join(filter(None, (told.status, told.login_status, told.worker_status, told.worker_error)))
            cells = (one.cause.by, one.row or "**none**", f"{one.seconds:.0f}", api, card, said.banner, said.foot)
            lines.append("| " + " | ".join((*cells, line_of(one.cause, alerts[language]))) + " |")
    return "\n".join(lines)


@pytest.mark.parametrize("causes", GROUPS, indirect=True)
def test_every_state_is_said_as_the_table_has_it_when_its_cause_is_real(
    trial: Trial, request: pytest.FixtureRequest
) -> None:
    begin(trial)
    watched = watch(trial)
    with receiving() as receiver:
        alerts = hear_alerts(trial, receiver)
    table = in_table(watched.seen, alerts)
    print(table)
    keep(watched.seen, request.node.callspec.id, table)
    troubled = {one.account for one in trial.causes if trial.said(one, "en").banner}
    last = {one.cause.account: one for one in watched.seen}
    assert {name for name, one in last.items() if one.en.banner} <= troubled, "a fault needs a person after a while"
    assert not watched.wrong
    for language, text in alerts.items():
        named = {one.account for one in trial.causes if line_of(one, text)}
        assert len(named) == min(MOST_LINES, len(troubled)), text
        assert named <= troubled, text
        for name in named:
            check_alert(last[name], language, line_of(last[name].cause, text))


def check_alert(seen: Seen, language: str, line: str) -> None:
    """Compare the line with the state that was seen last. What nobody had to hear of at that time may since be news."""
    wanted = {expected_alert(ROWS[row], language) for row in seen.cause.steps[-1]}
    assert "" in wanted or plain_text(line, f"Shop {seen.cause.account}") in wanted


def keep(seen: list[Seen], group: str, table: str) -> None:
    (ROOT / "build").mkdir(exist_ok=True)
    place = ROOT / "build" / f"real_causes_{group}"
    place.with_suffix(".md").write_text(table + "\n")
    measured = [Measured(one.cause.account, one.row, round(one.seconds), one.told) for one in seen if one.row]
    place.with_suffix(".json").write_bytes(msgspec.json.encode(measured))


def hear_alerts(trial: Trial, receiver: Receiver) -> dict[str, str]:
    """Return the message that somebody gets who adds his address now: one, with all that needs him. By language."""
    tell_troubles(trial.person("boss", "en"), receiver.host, "en", "zh-hans")
    trial.place.manage("shell", "-v0", "-c", _IN_CHINESE)
    if not any(trial.said(one, "en").banner for one in trial.causes):
        return {"en": "", "zh-hans": ""}
    eventually(lambda: len(list_alerts(receiver)) > 1 or None, "the alerts", 240)
    time.sleep(30)  # nothing comes after it: three more looks of the hub
    received = list_alerts(receiver)
    assert sorted(one.path for one in received) == ["/en", "/zh-hans"]
    bodies = {one.path[1:]: json.loads(one.body) for one in received}
    return {language: f"{body['title']}\n{body['message']}" for language, body in bodies.items()}


def list_alerts(receiver: Receiver) -> list[Received]:
    """Return what came from the hub: whoever had this port before may still be asked for something."""
    return [one for one in receiver.received if one.path in ("/en", "/zh-hans")]
