"""The owner's choices: which of the two kinds of alert he wants, after how long, and at which times."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from alerts.core.hours import DAY_MIN, Business, Span

Language = Literal["en", "zh-hans"]
Fault = Literal["minutes", "days", "business", "quiet_empty", "quiet_all_day"]

LEAST_MINUTES: Final = 1
MOST_MINUTES: Final = 24 * 60


class Choices(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The choices. `minutes`: business hours that somebody waits before it is told. Times of the day are minutes of it;
    the quiet hours may go over midnight. `language`: of what is sent to people.
    """

    tell_troubles: bool = True
    tell_waits: bool = True
    minutes: int = 30
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    opens: int = 9 * 60
    closes: int = 21 * 60
    has_quiet: bool = True
    quiet_from: int = 23 * 60
    quiet_to: int = 8 * 60
    language: Language = "zh-hans"

    @property
    def business(self) -> Business:
        """Return the business hours."""
        return Business(frozenset(self.days), self.opens, self.closes)

    @property
    def quiet(self) -> Span | None:
        """Return the quiet hours; None for none."""
        return Span(self.quiet_from, self.quiet_to) if self.has_quiet else None


def find_fault(choices: Choices) -> Fault | None:
    """Return what makes no sense; None if all does.

    `quiet_all_day`: the quiet hours leave nothing of the business hours, most likely because both ends were swapped.
    """
    if not LEAST_MINUTES <= choices.minutes <= MOST_MINUTES:
        return "minutes"
    if not choices.days or not set(choices.days) <= set(range(7)):
        return "days"
    if not 0 <= choices.opens < choices.closes <= DAY_MIN:
        return "business"
    quiet = choices.quiet
    if quiet is None:
        return None
    if quiet.begin == quiet.end:
        return "quiet_empty"
    return "quiet_all_day" if all(map(quiet.has, range(choices.opens, choices.closes))) else None
