"""What people read of an account: one state out of three reports, and how long ago something was."""

from typing import Final, Literal, NamedTuple

Tone = Literal["ok", "wait", "act", "off"]


class AccountState(NamedTuple):
    """`tone`: fine; will mend by itself or soon; a person must act; switched off on purpose."""

    words: str
    tone: Tone


_SWITCHES: Final = {
    "inactive": AccountState("Paused", "off"),
    "pending": AccountState("Not started yet", "off"),
    "banned": AccountState("Banned by the platform", "act"),
}
_LOGINS: Final = {
    "qrcode_pending": AccountState("Waiting for its login code to be scanned", "act"),
    "expired": AccountState("Needs a new login", "act"),
    "not_logged_in": AccountState("Needs a login", "act"),
}
_WORK: Final = {
    "unassigned": AccountState("No worker assigned", "act"),
    "offline": AccountState("Its worker is not running", "act"),
    "error": AccountState("Stopped by an error", "act"),
    "backoff": AccountState("Trying again after an error", "wait"),
    "waiting": AccountState("Waiting for its turn", "wait"),
    "crawling": AccountState("Running", "ok"),
}


def account_state(status: str, login_status: str, worker_status: str) -> AccountState:
    """The owner's switch goes first; then the worker, without which there is no login; then the login."""
    if status in _SWITCHES:
        return _SWITCHES[status]
    if worker_status in ("unassigned", "offline"):
        return _WORK[worker_status]
    return _LOGINS.get(login_status) or _WORK[worker_status]


def say_ago(at: int | None, now: int) -> str:
    """Both ms UTC. Never in the future: two clocks may differ a little."""
    if at is None:
        return "never"
    seconds = max(0, now - at) // 1000
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or (unit != "min" and seconds >= size):
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
