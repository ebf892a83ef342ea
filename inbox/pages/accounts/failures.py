"""Says why a worker cannot read an account, in the language of whoever looks, as far as the cause is known."""

from __future__ import annotations

import re
from typing import Final, Literal

from django.utils.translation import gettext, gettext_noop

from im_api.queries import WRONG_ACCOUNT, FailureReport, parse_failure_report
from im_api.queries.account_overview import AssignedWorker
from inbox import formatting
from inbox.foreign_text import isolate

Remedy = Literal["computer", "browser", "login"]
"""Another computer, a browser on this one, or a new login."""

_OTHER_PLATFORM: Final = "does not know the platform"
_REMEDIES: Final[dict[str, Remedy]] = {
    WRONG_ACCOUNT: "login",
    "LoginLost": "login",
    "Kicked": "login",
    "NoChromium": "browser",
}
_OF_WORDS: Final = (
    (
        re.compile(r"net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|NAME_NOT_RESOLVED|ADDRESS_UNREACHABLE)"),
        gettext_noop("The computer has no network, or cannot find %(platform)s."),
    ),
    (re.compile(r"net::ERR_"), gettext_noop("The connection from the computer to %(platform)s fails.")),
    (re.compile(r"HTTP 429|too fast"), gettext_noop("%(platform)s asks the computer to be slower.")),
    (re.compile(r"HTTP 5\d\d"), gettext_noop("%(platform)s has a fault at the moment.")),
    (
        re.compile(r"whether this account is logged in"),
        gettext_noop("The page does not say whether it is logged in. It may ask for a check that a person must pass."),
    ),
    (re.compile(r"did not open|did not answer|no answer|could not be read"), gettext_noop("A page does not open.")),
    (
        re.compile(r"ended (?P<n>\d+) times in a row; again in (?P<minutes>\d+) min"),
        gettext_noop("The browser on the computer ended %(n)s times in a row. It is tried again in %(minutes)s min."),
    ),
    (re.compile(r"second step|none of the codes"), gettext_noop("The code that was typed was not taken.")),
    (
        re.compile(_OTHER_PLATFORM),
        gettext_noop("The version on the computer cannot read %(platform)s."),
    ),
    (re.compile(r"^bad config"), gettext_noop("The settings of the account are wrong.")),
)
"""What the words of a report tell, the first that fits."""
_OF_KIND: Final = {
    "BrowserLost": gettext_noop("The browser on the computer ended, or did not start."),
    "NoChromium": gettext_noop("There is no browser on the computer. Install Chromium, Chrome or Edge there."),
    "Kicked": gettext_noop("%(platform)s ended the login, most likely because of another one."),
    "CheckAsked": gettext_noop("%(platform)s asks for a check that a person must pass in the window on the computer."),
    "SlowDown": gettext_noop("%(platform)s asks the computer to be slower."),
    "LoginLost": gettext_noop("%(platform)s ended the login."),
    "PageMoved": gettext_noop("%(platform)s moved a page; it was at %(address)s."),
    "PageChanged": gettext_noop("%(platform)s changed a page."),
    WRONG_ACCOUNT: gettext_noop("Another account is logged in there."),
    "TimeoutError": gettext_noop("A page does not open."),
}


def find_remedy(report: str | None) -> Remedy | None:
    """Return what helps against the failure that a worker reported; None for neither of them."""
    failure = parse_failure_report(report)
    if failure is None:
        return None
    return "computer" if _OTHER_PLATFORM in failure.words else _REMEDIES.get(failure.kind)


def format_failure(report: str | None, platform: str) -> str:
    """Return the sentence on what a worker reported; its own words where the cause is not known. Empty for no report.

    `platform`: its name for people.
    """
    if not report:
        return ""
    failure = parse_failure_report(report)
    sentence, facts = _find_sentence(failure) if failure is not None else (None, {})
    if failure is None or sentence is None:
        return gettext("The computer says: %(words)s") % {"words": isolate(report)}
    text = gettext(sentence) % {"platform": platform, "address": _read_old_address(failure), **facts}
    if not failure.surface:
        return text
    surface = formatting.format_surface_title(failure.surface)
    return gettext("%(surface)s: %(reason)s") % {"surface": surface, "reason": text}


def format_wrong_scan(report: str | None) -> str:
    """Return the sentence on a code that another account scanned, if a worker that waits for a login reports it; else
    ''."""
    failure = parse_failure_report(report)
    if failure is None or failure.kind != WRONG_ACCOUNT:
        return ""
    return gettext("Another account was scanned. It was not kept.")


def format_moved(report: str | None, surface: str) -> str:
    """Return the words on the page of `surface` if a worker reported last that it moved; else ''."""
    failure = parse_failure_report(report)
    if failure is None or (failure.surface, failure.kind) != (surface, "PageMoved"):
        return ""
    return gettext("its page moved; it was at %(address)s") % {"address": _read_old_address(failure)}


def format_pause(worker: AssignedWorker | None) -> str:
    """Return that its workers end again and again, and when it is tried again; empty if they do not."""
    if worker is None or not worker.ended:
        return ""
    words = gettext("The worker ended %(n)s times in a row while it read this account. It is tried again at %(time)s.")
    return words % {"n": worker.ended, "time": formatting.format_clock(worker.tried_at)}


def _read_old_address(failure: FailureReport) -> str:
    """Return the first of the words, which is the old address of a page that moved."""
    return isolate(failure.words.partition(" ")[0])


def _find_sentence(failure: FailureReport) -> tuple[str | None, dict[str, str]]:
    """Return the sentence, and what of the words stands in it."""
    for pattern, sentence in _OF_WORDS:
        if found := pattern.search(failure.words):
            return sentence, found.groupdict()
    return _OF_KIND.get(failure.kind), {}
