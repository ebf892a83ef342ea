"""Messages in words, in the language of who gets them. They name accounts and numbers, never what people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, NamedTuple

from django.conf import settings
from django.utils.translation import gettext, gettext_noop, ngettext, override

from alerts.core.decide import Message, Trouble
from alerts.core.hours import to_local

MOST_LINES: Final = 5
_STATES: Final = {
    "banned": gettext_noop("Banned by the platform"),
    "login": gettext_noop("Needs a new login"),
    "worker": gettext_noop("Its computer is not working"),
    "unassigned": gettext_noop("No computer reads it yet"),
    "full": gettext_noop("No place on its computer"),
    "error": gettext_noop("Stopped by an error"),
    "page": gettext_noop("A page of the platform changed"),
    "stale": gettext_noop("Is not being updated"),
    "retrying": gettext_noop("Cannot be read, in spite of trying again"),
}
_NEVER: Final = {"login": gettext_noop("Not logged in yet")}
"""The same of an account that was never read."""


class Words(NamedTuple):
    """A message as people read it. `path`: the page that it leads to."""

    title: str
    body: str
    path: str

    @property
    def text(self) -> str:
        """Return the body, and below it where to go, if the hub knows its own address."""
        return f"{self.body}\n{settings.PUBLIC_URL}{self.path}" if settings.PUBLIC_URL else self.body


def say(message: Message, names: Mapping[str, str], language: str, now: int, zone: tzinfo) -> Words:
    """Return the message in words. `names`: account -> what people call it."""
    with override(language):
        what = gettext(", ").join(_counts(message))
        title = gettext("Since last night: %(what)s") % {"what": what} if message.is_morning else what
        lines = [_trouble(one, names, now, zone) for one in message.troubles[:MOST_LINES]]
        if more := len(message.troubles) - len(lines):
            lines.append(gettext("And %(n)s more.") % {"n": more})
        if message.waits:
            lines.append(_waits(message, names, now, zone))
        return Words(title, "\n".join(lines), "/accounts" if message.troubles else "/?tab=wait")


def say_test(language: str) -> Words:
    """Return the message of the test button."""
    with override(language):
        return Words(
            gettext("IM Hub: a test"),
            gettext("This is how an alert arrives: when an account needs you, or somebody waits too long."),
            "/",
        )


def _counts(message: Message) -> list[str]:
    counts = []
    if message.troubles:
        count = len(message.troubles)
        counts.append(ngettext("%(n)s account needs you", "%(n)s accounts need you", count) % {"n": count})
    if message.waits:
        count = len(message.waits)
        counts.append(ngettext("%(n)s person waits", "%(n)s people wait", count) % {"n": count})
    return counts


def _trouble(trouble: Trouble, names: Mapping[str, str], now: int, zone: tzinfo) -> str:
    state = _NEVER.get(trouble.kind) if trouble.since is None else None
    state = state or _STATES.get(trouble.kind, trouble.kind)
    words = {"account": _name(trouble.account_id, names), "state": gettext(state)}
    if trouble.since is None:
        return gettext("“%(account)s”: %(state)s.") % words
    sentence = gettext("“%(account)s”: %(state)s. Nothing new has come in from it since %(time)s.")
    return sentence % {**words, "time": _time(trouble.since, now, zone)}


def _waits(message: Message, names: Mapping[str, str], now: int, zone: tzinfo) -> str:
    longest, count = min(message.waits, key=lambda wait: wait.since), len(message.waits)
    sentence = ngettext(
        "%(n)s person waits for an answer since %(time)s (“%(account)s”).",
        "%(n)s people wait for an answer, the longest since %(time)s (“%(account)s”).",
        count,
    )
    account = _name(longest.account_id, names)
    return sentence % {"n": count, "time": _time(longest.since, now, zone), "account": account}


def _name(account_id: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(account_id, account_id).split())


def _time(at: int, now: int, zone: tzinfo) -> str:
    moment = to_local(at, zone)
    return moment.strftime("%H:%M" if moment.date() == to_local(now, zone).date() else "%m-%d %H:%M")
