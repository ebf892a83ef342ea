"""The faults of the platform that the demo can show to whoever reads it, and what people are told meanwhile.

Others are held adapter by adapter, faults of sending in `test_reply_switches.py`. `docs/platform-faults.md` has this
table for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tests.e2e.said import expected
from tests.every_state import EVERY_STATE, StateRow

FINE: Final = "fine"
ROWS: Final[Mapping[str, StateRow]] = {row.cause: row for row in EVERY_STATE}


class Fault(NamedTuple):
    """`name` is also the account's. `by`: what happens at the platform. `rows`: what is said then, by names in the
    table of tests/data/every_state.json; one of several. `is_anew`: only a page of messages that is loaded meanwhile
    has it. `pace`: what the card says beside the messages. `text`: what a fan writes meanwhile.
    """

    name: str
    by: str
    switches: Mapping[str, Any]
    rows: tuple[str, ...] = (FINE,)
    is_anew: bool = False
    pace: str = ""
    text: str = ""

    @property
    def is_calm(self) -> bool:
        """Return whether nobody is to hear of it."""
        return self.rows == (FINE,)

    @property
    def row(self) -> StateRow:
        """Return the row that is told for people."""
        return ROWS[self.rows[0]]


_CHANGED: Final = ("page_moved", "lists_renamed")
FAULTS: Final = (
    Fault("check", "a check covers every page", {"check": True}, ("asks_for_a_check",)),
    Fault("kicked", "the session is ended because of another login", {"kicked": True, "phone_away": True},
          ("login_lost",)),
    Fault("expired", "the owner is logged out", {"expired_session": True, "phone_away": True}, ("login_lost",)),
    Fault("flash", "the login's words flash before the profile", {"login_flash": True}),
    Fault("comments_gone", "the page of comments is gone (404)", {"comment_page": "gone"}, _CHANGED),
    Fault("comments_home", "the page of comments leads to the home page", {"comment_page": "home"}, _CHANGED),
)  # fmt: skip


def lines_of_docs() -> list[str]:
    """Return the rows of the table in `docs/platform-faults.md`."""
    return [
        f"| {fault.by} | {_words(fault, 'en')} | {_words(fault, 'zh-hans')} | "
        f"{'at once or with the next look' if fault.is_calm else 'at the latest when it is over'} |"
        for fault in FAULTS
    ]


def _words(fault: Fault, language: str) -> str:
    if fault.is_calm:
        return "–"
    said = expected(fault.row, language)
    return f"{said.state}. {said.why}".removesuffix(". ")
