"""The text in which a worker says why it cannot read an account: `messages: Retryable: HTTP 500`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

WRONG_ACCOUNT: Final = "WrongAccount"
"""The kind that says that another account than the expected one is logged in."""

_FORM: Final = re.compile(r"(?:(?P<surface>[a-z]+): )?(?P<kind>[A-Z]\w+)(?:: (?P<words>.*))?", re.DOTALL)


class FailureReport(NamedTuple):
    """`surface`: what could not be read; empty for the whole account. `kind`: the name of the error's class.

    `words`: the error's own; may be empty.
    """

    surface: str
    kind: str
    words: str


def parse_failure_report(text: str | None) -> FailureReport | None:
    """Return the parts of what a worker reported; None for none, and for a text of another form."""
    found = _FORM.fullmatch(text or "")
    return FailureReport(*found.groups("")) if found is not None else None
