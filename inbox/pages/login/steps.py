"""The way of an account to its first message, as steps: what is done, the one to do now, what comes after it."""

from __future__ import annotations

from typing import Final, Literal

from django.utils.translation import gettext
from msgspec import Struct

from im_api.queries.account_overview import AssignedWorker
from inbox.pages.account_state import CardState
from inbox.pages.accounts.failures import Remedy

_ON_THE_WAY: Final = frozenset({"unassigned", "full", "worker", "login", "starting", "reading"})
_FAILING: Final = frozenset({"error", "page", "retrying"})
"""These have steps as long as no message was ever read: which of them fails is the one to do now."""


class CardStep(Struct, frozen=True):
    """`place`: done, now or later. Exactly one of a list is now."""

    text: str
    place: Literal["done", "now", "later"]


def list_card_steps(
    state: CardState, worker: AssignedWorker | None, *, is_logged_in: bool, is_read: bool, remedy: Remedy | None = None
) -> list[CardStep]:
    """Return the steps of an account that does not run yet, or not any more; empty for every other one.

    Each is done by what is true at this moment: a computer that is off is not started, whatever it was before.
    `remedy`: what helps against a failure that the computer reports.
    """
    if state.kind not in _ON_THE_WAY and (is_read or state.kind not in _FAILING):
        return []
    facts = [
        (gettext("Choose a computer"), worker is not None and not worker.is_full and remedy != "computer"),
        (gettext("Start the computer"), worker is not None and worker.is_online and remedy != "browser"),
        (gettext("Log in by QR"), is_logged_in),
        (gettext("Read the messages"), is_read and state.kind not in ("starting", "reading")),
    ]
    now = next((index for index, (_, is_done) in enumerate(facts) if not is_done), None)
    if now is None:
        return []
    return [
        CardStep(text, "now" if index == now else "done" if is_done else "later")
        for index, (text, is_done) in enumerate(facts)
    ]
