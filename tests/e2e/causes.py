"""The causes of every state of an account, as they really come about, in groups that are tried together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

WANTED: Final = os.environ.get("TRIAL_CAUSES", "").split()
"""Only these accounts, to look at some alone."""


class Cause(NamedTuple):
    """`account` is also its name at the platform. `rows`: what is said one after the other, by names in the table of
    tests/data/every_state.json with `>` between them, and `|` where one of several may be said. `by`: what was really
    done. `worker`: the computer that reads it; `through`: the way to the platform."""

    account: str
    rows: str
    by: str
    worker: str | None = "main"
    switches: Mapping[str, Any] = MappingProxyType({})
    through: str = ""
    number: str = ""
    is_read: bool = False
    """It is read before it happens."""
    within_s: float = 180

    @property
    def steps(self) -> list[list[str]]:
        return [step.split("|") for step in self.rows.split(">")]


_GROUPS: Final[Mapping[str, tuple[Cause, ...]]] = {
    "computers": (
        Cause("fine", "fine", "nothing"),
        Cause("no_computer", "no_computer", "no computer was chosen", None),
        Cause("never_came", "never_came", "its computer was never started", "absent"),
        Cause("killed", "killed", "kill -9 of the worker", "killed", is_read=True),
        Cause("cut", "killed", "the cable between computer and hub was cut", "cut", is_read=True),
        Cause("asleep", "killed", "the computer sleeps (SIGSTOP)", "asleep", is_read=True),
        Cause("chat", "one_page_changed", "the page of messages, loaded anew, shows and loads nothing that is known",
              "chat", is_read=True, within_s=300),
        Cause("all_changed", "all_pages_changed", "every list and every object of pages loaded anew has another name",
              "changed", is_read=True, within_s=300),
    ),
    "places": (
        Cause("lost_and_killed", "login_lost_and_killed", "logged out at the platform, then kill -9", "killed",
              is_read=True),
        Cause("early", "off_before_the_first_look", "kill -9 before the first look", "early", through="dead"),
        Cause("first_there", "fine", "the one place of its computer is its own", "full"),
        Cause("full", "full", "the one place of its computer is another account's", "full"),
        Cause("other_platform", "other_platform", "a worker that knows no such platform", "old"),
        Cause("no_browser", "no_browser", "the browser was removed from the computer", None),
    ),
    "logins": (
        Cause("never_logged_in", "never_logged_in|shows_its_code", "nobody scanned", switches={"phone_away": True}),
        Cause("logged_out", "login_lost", "logged out at the platform", is_read=True),
        Cause("another", "another_account_scanned", "the phone of another account scanned",
              number="dy000000001"),
        Cause("renumbered", "another_account", "the owner noted the number of another account", is_read=True),
        Cause("kicked", "login_lost", "the platform ended the login for another one", is_read=True, within_s=300),
        Cause("paused", "paused", "the owner paused it", is_read=True),
    ),
    "pages": (
        Cause("fault", "tries_again", "the platform answers HTTP 500 for comments", through="fault", is_read=True),
        Cause("check", "asks_for_a_check", "the platform covers its pages with a check", is_read=True, within_s=600),
        Cause("moved", "page_moved", "the platform moved the page of comments", is_read=True, within_s=300),
        Cause("renamed", "lists_renamed|page_moved", "the lists of comments have other names", is_read=True,
              within_s=300),
        Cause("banned", "banned", "the owner noted that the platform banned it", is_read=True),
    ),
    "network": (
        Cause("taken_over", "killed>fine", "kill -9 of the worker, and another one on the same computer has a place",
              "leaving", is_read=True),
        Cause("history", "reads_history>fine", "the platform is slow, and its messages come for the first time",
              switches={"slow_s": 10.0}, within_s=300),
        Cause("unplugged", "network_pulled", "the cable to the platform was pulled", "cabled", is_read=True,
              within_s=600),
        Cause("dead_page", "starting>page_does_not_open>page_does_not_open_for_long",
              "the platform takes connections and answers nothing", "stuck", through="dead", within_s=780),
        Cause("blank", "wants_a_check", "the browser was killed, and the platform shows empty pages since", "blank",
              through="blank", is_read=True, within_s=600),
        Cause("frozen", "slow>stale>fine", "the browser hangs (SIGSTOP), and is started anew", "frozen", is_read=True,
              within_s=600),
    ),
}  # fmt: skip


def list_causes() -> list[Cause]:
    """Return all causes."""
    return [cause for group in _GROUPS.values() for cause in group]


def list_rows() -> set[str]:
    """Return the rows of the table that have a real cause."""
    return {row for cause in list_causes() for step in cause.steps for row in step}


def choose_groups() -> dict[str, tuple[Cause, ...]]:
    """Return the groups of causes; with TRIAL_CAUSES only those accounts."""
    if not WANTED:
        return dict(_GROUPS)
    chosen = {name: tuple(one for one in group if one.account in WANTED) for name, group in _GROUPS.items()}
    return {name: group for name, group in chosen.items() if group}
