"""Alerts against all histories: each change once, also over restarts; nothing at night; never a stream."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.choices import Choices
from alerts.core.decide import GAP_MS, SETTLE_AGAIN_MS, Facts, Message, Told, Trouble, Wait, decide
from alerts.core.hours import MINUTE_MS, has_waited, is_business, is_quiet
from tests.alerts.core.test_hours import at

ZONE = ZoneInfo("Asia/Shanghai")
STEP_MS = MINUTE_MS
CHOICES = Choices(minutes=30)
LOGIN = Trouble("roses", "login", None)
NOON = at("2026-03-03T12:00")


class Sent(NamedTuple):
    at: int
    message: Message


class Hub:
    """A hub that looks every minute. A restart leaves it what was stored, and nothing else."""

    def __init__(self, now: int, choices: Choices = CHOICES) -> None:
        self.now = now
        self.choices = choices
        self.told = Told()
        self.sent: list[Sent] = []

    def restart(self) -> None:
        self.told = msgspec.json.decode(msgspec.json.encode(self.told), type=Told)

    def look(self, *facts: Trouble | Wait, minutes: int = 1) -> None:
        troubles = tuple(fact for fact in facts if isinstance(fact, Trouble))
        for _ in range(minutes):
            waits = [fact for fact in facts if isinstance(fact, Wait)]
            limit = self.choices.minutes * MINUTE_MS
            late = tuple(one for one in waits if self.now - one.since > limit or one.key in self.told.waits)
            self.told, message = decide(self.told, Facts(troubles, late), self.choices, self.now, ZONE)
            if message is not None:
                self.sent.append(Sent(self.now, message))
            self.now += STEP_MS

    @property
    def messages(self) -> list[Message]:
        return [message for _, message in self.sent]


def test_a_lost_login_is_told_once_and_again_only_after_it_was_mended() -> None:
    hub = Hub(NOON)
    hub.look(LOGIN, minutes=120)
    assert hub.messages == [Message((LOGIN,), ())]
    hub.restart()
    hub.look(LOGIN, minutes=120)
    assert len(hub.sent) == 1
    hub.look(minutes=90)
    hub.look(LOGIN, minutes=10)
    assert hub.messages == [Message((LOGIN,), ()), Message((LOGIN,), ())]


def test_a_trouble_that_mends_itself_is_told_to_nobody() -> None:
    hub = Hub(NOON)
    for _ in range(20):
        hub.look(LOGIN, minutes=2)
        hub.look(minutes=2)
    assert hub.sent == []


def test_an_account_that_comes_and_goes_is_no_stream() -> None:
    hub = Hub(NOON)
    for _ in range(10):
        hub.look(LOGIN, minutes=5)
        hub.look(minutes=5)
    assert len(hub.sent) == 2, "the first time, and once more an hour later"


def test_a_trouble_that_was_told_and_is_away_for_a_minute_is_not_told_again() -> None:
    """As after each start of the hub, which waits a moment for the workers to come."""
    hub = Hub(NOON)
    offline = Trouble("roses", "worker", None)
    hub.look(offline, minutes=120)
    hub.restart()
    hub.look(minutes=1)
    hub.look(offline, minutes=120)
    hub.look(LOGIN, minutes=1)
    hub.look(offline, minutes=120)
    assert hub.messages == [Message((offline,), ())]
    hub.look(minutes=3)
    hub.look(offline, minutes=120)
    assert hub.messages == [Message((offline,), ())] * 2
    assert hub.told.gone == {}


def test_what_happens_within_ten_minutes_is_one_message() -> None:
    hub = Hub(NOON)
    others = [Trouble(name, "worker", None) for name in ("tulips", "lilies", "cacti")]
    hub.look(LOGIN, minutes=3)
    hub.look(LOGIN, *others, minutes=20)
    assert [[one.account_id for one in message.troubles] for message in hub.messages] == [
        ["roses"],
        ["tulips", "lilies", "cacti"],
    ]


def test_who_waits_too_long_is_told_once_and_anew_when_he_waits_anew() -> None:
    hub = Hub(NOON)
    wait = Wait("roses", "conv_roses_1", NOON)
    hub.look(wait, minutes=31)
    assert hub.sent == []
    hub.look(wait, minutes=60)
    assert hub.messages == [Message((), (wait,))]
    again = Wait("roses", "conv_roses_1", hub.now)
    hub.look(again, minutes=60)
    assert hub.messages == [Message((), (wait,)), Message((), (again,))]


def test_the_night_is_one_summary_in_the_morning() -> None:
    hub = Hub(at("2026-03-03T22:30"))
    early = Wait("roses", "conv_roses_1", hub.now)
    hub.look(early, minutes=60)
    late = Wait("roses", "conv_roses_2", hub.now)
    hub.look(early, late, LOGIN, minutes=12 * 60)
    assert hub.sent == [Sent(at("2026-03-04T08:00"), Message((LOGIN,), (early, late), is_morning=True))]


def test_a_night_in_which_nothing_happened_has_no_summary() -> None:
    hub = Hub(at("2026-03-03T20:00"))
    hub.look(minutes=24 * 60)
    assert hub.sent == []


def test_what_mended_itself_in_the_night_is_not_in_the_summary() -> None:
    hub = Hub(at("2026-03-03T23:30"))
    hub.look(LOGIN, minutes=120)
    hub.look(minutes=12 * 60)
    assert hub.sent == []


def test_what_the_owner_does_not_want_is_not_told() -> None:
    hub = Hub(NOON, Choices(tell_troubles=False, tell_waits=False))
    hub.look(LOGIN, Wait("roses", "conv_roses_1", NOON - 1), minutes=120)
    assert hub.sent == []


def test_another_limit_of_minutes_tells_nobody_anew_who_was_told() -> None:
    hub = Hub(NOON)
    wait = Wait("roses", "conv_roses_1", NOON)
    hub.look(wait, minutes=40)
    hub.choices = Choices(minutes=120)
    hub.look(wait, minutes=30)
    assert hub.messages == [Message((), (wait,))]
    hub.look(wait, minutes=120)
    assert hub.messages == [Message((), (wait,))]
    later = Wait("roses", "conv_roses_2", hub.now)
    hub.look(wait, later, minutes=125)
    assert hub.messages == [Message((), (wait,)), Message((), (later,))]


def test_alerts_that_are_switched_off_for_a_while_tell_nothing_anew() -> None:
    hub = Hub(NOON)
    wait = Wait("roses", "conv_roses_1", NOON)
    hub.look(LOGIN, wait, minutes=60)
    sent = hub.messages
    hub.choices = Choices(minutes=30, tell_troubles=False, tell_waits=False)
    hub.look(LOGIN, wait, minutes=30)
    hub.choices = CHOICES
    hub.look(LOGIN, wait, minutes=60)
    assert hub.messages == sent == [Message((LOGIN,), ()), Message((), (wait,))]


class Phase(NamedTuple):
    minutes: int
    troubles: dict[str, str]
    waiting: frozenset[str]
    restarts: bool


phases = st.lists(
    st.builds(
        Phase,
        st.sampled_from([1, 3, 8, 45, 200, 700]),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["login", "worker", "page"])),
        st.frozensets(st.sampled_from(["a1", "b1", "b2"])),
        st.booleans(),
    ),
    max_size=8,
)
all_choices = st.sampled_from(
    [
        Choices(),
        Choices(minutes=5, has_quiet=False),
        Choices(days=(0, 1, 2, 3, 4), opens=9 * 60, closes=18 * 60, quiet_from=18 * 60, quiet_to=9 * 60),
        Choices(quiet_from=13 * 60, quiet_to=14 * 60, closes=24 * 60),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 7 * 24 * 60), phases, all_choices)
def test_every_history_is_told_by_the_rules(begin: int, history: list[Phase], choices: Choices) -> None:
    hub = Hub(at("2026-03-02T00:00") + begin * MINUTE_MS, choices)
    runs: Counter[tuple[str, str]] = Counter()  # how often a trouble began
    since: dict[str, int] = {}
    stood: dict[tuple[str, str], int] = {}
    waits: set[tuple[str, int]] = set()
    for phase in history:
        if phase.restarts:
            hub.restart()
        now_there = set(phase.troubles.items())
        runs.update(one for one in now_there if one not in stood)
        stood = {one: stood.get(one, hub.now) for one in now_there}
        since = {row: since.get(row, hub.now) for row in phase.waiting}
        waits |= set(since.items())
        facts = [Trouble(name, kind, None) for name, kind in phase.troubles.items()]
        hub.look(*facts, *(Wait(row[0], row, at_) for row, at_ in since.items()), minutes=phase.minutes)

    assert not [one for one in hub.sent if is_quiet(one.at, choices.quiet, ZONE)], "nothing at night"
    times = [one.at for one in hub.sent]
    assert all(b - a >= GAP_MS for a, b in pairwise(times)), "never a stream"
    told = Counter((one.account_id, one.kind) for message in hub.messages for one in message.troubles)
    assert all(told[one] <= runs[one] for one in told), "each change once"
    told_waits = Counter((one.row_id, one.since) for message in hub.messages for one in message.waits)
    assert set(told_waits) <= waits
    assert not told_waits or max(told_waits.values()) == 1
    in_time = [one.at for one in hub.sent if one.message.waits and not one.message.is_morning]
    assert all(is_business(moment, choices.business, ZONE) for moment in in_time)
    mornings = Counter((one.at - at("2026-03-02T00:00")) // (24 * 60 * MINUTE_MS) for one in hub.sent
                       if one.message.is_morning)  # fmt: skip
    assert not mornings or max(mornings.values()) == 1
    _nothing_is_forgotten(hub, stood, since)


def _nothing_is_forgotten(hub: Hub, stood: dict[tuple[str, str], int], since: dict[str, int]) -> None:
    """Whatever stands long enough by day has been told at the end."""
    hub.look(
        *(Trouble(name, kind, None) for name, kind in stood),
        *(Wait(row[0], row, began) for row, began in since.items()),
        minutes=(SETTLE_AGAIN_MS + 2 * GAP_MS) // STEP_MS,
    )
    if is_quiet(hub.now, hub.choices.quiet, ZONE) or is_quiet(hub.now - 40 * MINUTE_MS, hub.choices.quiet, ZONE):
        return
    assert all(hub.told.troubles[name].is_told for name, _ in stood)
    business = hub.choices.business
    if is_business(hub.now - GAP_MS, business, ZONE) and is_business(hub.now, business, ZONE):
        late = {row for row, began in since.items() if has_waited(began, hub.now - 2 * GAP_MS, hub.choices.minutes,
                                                                  business, ZONE)}  # fmt: skip
        assert late <= {row.partition("/")[2] for row in hub.told.waits}


@given(phases, all_choices)
def test_a_second_look_at_the_same_moment_says_nothing(history: list[Phase], choices: Choices) -> None:
    hub = Hub(NOON, choices)
    for phase in history:
        facts = [Trouble(name, kind, None) for name, kind in phase.troubles.items()]
        hub.look(*facts, minutes=min(phase.minutes, 20))
        hub.now -= STEP_MS
        before = len(hub.sent)
        hub.look(*facts)
        assert len(hub.sent) == before
