"""One running site: its world, its sessions, its switched faults, its listeners."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from demo.events import DemoEvent, Happened, happen
from demo.fans import run_fans
from demo.ledger import Ledger, Sending
from demo.login import Logins
from demo.options import Options
from demo.state import INTERVAL_S, load_world, save_world
from demo.switches import SendOutcome, SentKind, Switches, change_switches, use_outcome
from demo.world import DemoAccount, DemoWork

BACKLOG = 1000


def clock_ms() -> int:
    """Return the time now, ms UTC."""
    return time.time_ns() // 1_000_000


class Site:
    """One running site. `clock` gives ms UTC. Raises UnknownScenario, BadSwitch."""

    def __init__(self, options: Options, clock: Callable[[], int] = clock_ms) -> None:
        self.options = options
        self.clock = clock
        now_s = clock() // 1000
        self.world, default_interval = load_world(options.state, options.scenario, options.seed, now_s)
        chosen = options.fans_interval_s
        self.fans_interval_s = default_interval if chosen is None else chosen
        self.rng = Random(options.seed + 1)
        self.logins = Logins(options.qr_lifetime_s, options.phone_delay_s)
        self.switches = {key: Switches() for key in self.world.accounts}
        self.listeners: dict[str, set[asyncio.Queue[Happened]]] = defaultdict(set)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.requests: Counter[str] = Counter()
        self.ledger = Ledger()
        self.answered: deque[Sending] = deque(maxlen=BACKLOG)
        for setting in options.switches:
            self.apply_setting(setting)

    def apply_setting(self, setting: str) -> None:
        """Apply `account:name=value`; the value is JSON, or a word. Raises BadSwitch."""
        account, _, change = setting.partition(":")
        name, _, value = change.partition("=")
        self.set_switches(account, {name: _read_value(value)})

    def set_switches(self, account: str, change: dict[str, Any]) -> None:
        """Change switches of one account, or of all with `*`. Raises BadSwitch."""
        keys = list(self.switches) if account == "*" else [account]
        try:
            changed = {key: change_switches(self.switches[key], change) for key in keys}
        except KeyError:
            raise BadSwitch(f"no account {account!r} here: {', '.join(self.switches)}") from None
        except msgspec.ValidationError as error:
            raise BadSwitch(str(error)) from error
        self.switches.update(changed)

    def use_outcome(self, account: DemoAccount, kind: SentKind) -> SendOutcome:
        """Return what becomes of what a page sends now, and count it off if that is switched for some times only."""
        outcome, self.switches[account.key] = use_outcome(self.switches[account.key], kind)
        return outcome

    def note(self, sending: Sending) -> None:
        """Write into the ledger what a page sent. Whom it reached may thank for it."""
        self.ledger.note(sending)
        if sending.arrived and sending.to_uid:
            self.answered.append(sending)

    def act(self, account: DemoAccount, event: DemoEvent) -> Happened:
        """Let `event` happen now, and notify the open pages of the account. Raises BadEvent."""
        happened = happen(self.world, account, event, self.clock(), self.rng)
        for queue in self.listeners[account.key]:
            if queue.qsize() < BACKLOG:
                queue.put_nowait(happened)
        return happened

    def count(self, account: DemoAccount, what: str) -> None:
        """Count something that browsers did on an account: pages they opened, conversations they marked read."""
        self.counts[account.key][what] += 1

    def find_work(self, aweme_id: str) -> tuple[DemoAccount, DemoWork] | None:
        """Return the work and its account, or None."""
        for account in self.world.accounts.values():
            work = account.get_work(aweme_id)
            if work:
                return account, work
        return None

    def save(self) -> None:
        """Write the world to its file, if it has one."""
        if self.options.state:
            save_world(self.options.state, self.world)

    async def keep_saving(self) -> None:
        """Write the world every 30 s, for ever."""
        while self.options.state:
            self.save()
            await asyncio.sleep(INTERVAL_S)

    async def run_fans(self) -> None:
        """Let fans act for ever, unless they are switched off."""
        if self.fans_interval_s > 0:
            rng = Random(self.options.seed + 2)
            await run_fans(self.world, self.act, self.answered, interval_s=self.fans_interval_s, rng=rng)


class BadSwitch(Exception):
    """There is no such account, switch or value; the message says which."""


def _read_value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
