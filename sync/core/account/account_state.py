"""The account as people see it: its tint, one state out of three reports, and how long ago something was."""

import zlib
from typing import Final, Literal, NamedTuple

Tone = Literal["ok", "wait", "act", "off"]
Kind = Literal[
    "banned", "login", "unassigned", "worker", "error", "paused", "retrying", "waiting", "running", "unknown"
]


class AccountState(NamedTuple):
    """One state of an account, for people.

    `words`: English. `tone`: `ok` (fine), `wait` (mends by itself or soon), `act` (a person must act), `off` (switched
    off on purpose). `kind`: what it is about, for callers with words of their own.
    """

    words: str
    tone: Tone
    kind: Kind = "unknown"


_BANNED: Final = AccountState("Banned by the platform", "act", "banned")
_OFF: Final = {
    "inactive": AccountState("Paused", "off", "paused"),
    "pending": AccountState("Not started yet", "off", "paused"),
}
_LOGINS: Final = {
    "qrcode_pending": AccountState("Waiting for its login code to be scanned", "act", "login"),
    "expired": AccountState("Needs a new login", "act", "login"),
    "not_logged_in": AccountState("Needs a login", "act", "login"),
}
_WORK: Final = {
    "unassigned": AccountState("No worker assigned", "act", "unassigned"),
    "offline": AccountState("Its worker is not running", "act", "worker"),
    "error": AccountState("Stopped by an error", "act", "error"),
    "backoff": AccountState("Trying again after an error", "wait", "retrying"),
    "waiting": AccountState("Waiting for its turn", "wait", "waiting"),
    "crawling": AccountState("Running", "ok", "running"),
}


def account_state(status: str, login_status: str, worker_status: str) -> AccountState:
    """Return the one state shown for the three reports.

    What keeps messages away longest goes first: a lost login is lost also while the account is paused. The worker of a
    paused account has nothing to do.
    """
    if status == "banned":
        return _BANNED
    return _LOGINS.get(login_status) or _OFF.get(status) or _WORK[worker_status]


def split_age(age_ms: int) -> tuple[str, int]:
    """Return the unit in which people speak of an age (s, min, h, d) and how many of it. Hours go on for two days.

    A negative age is 0 s: two clocks may differ. words/ago.js does the same between two answers of the server.
    """
    seconds = max(0, age_ms) // 1000
    if seconds < 60:
        return "s", seconds
    if seconds < 3_600:
        return "min", seconds // 60
    if seconds < 2 * 86_400:
        return "h", seconds // 3_600
    return "d", seconds // 86_400


def format_ago(at: int | None, now: int) -> str:
    """Return how long before `now` the time `at` was, in English; None is "never". Both ms UTC."""
    if at is None:
        return "never"
    unit, count = split_age(now - at)
    return f"{count} {unit} ago"


# The squares that tokens.css has in light and dark, as .tint-0, .tint-1, …
TINTS: Final = ("#3F4FD0", "#0B6F78", "#8B3FA0", "#A4451B", "#2F6B2F", "#B02A5C", "#6B5A12", "#4B5563")


def choose_tint(account_id: str, color: str | None) -> int | None:
    """Return an index into TINTS: the owner's colour, else one that never changes. None: the colour is none of them."""
    if not color:
        return zlib.crc32(account_id.encode()) % len(TINTS)
    return TINTS.index(color.upper()) if color.upper() in TINTS else None
