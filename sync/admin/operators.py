"""Names operators, and counts what each of them did on which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from msgspec import Struct

from sync.hub import system_clock
from sync.storage.records import USER

DAYS: Final = 7
"""Days of the summary, today included."""


class Row(Struct, frozen=True):
    """One line of the summary: an operator, and how much on each day, the newest first."""

    name: str
    actor: str
    days: list[Cell]
    total: int


class Cell(Struct, frozen=True):
    """The number of things that one operator did on one day. `parts`: each kind of them, in words."""

    day: str
    count: int
    parts: str


def today() -> date:
    """Return the day of now, in the time zone of the installation."""
    return timezone.localtime(datetime.fromtimestamp(system_clock() / 1000, timezone.get_default_timezone())).date()


def bounds(day: date) -> tuple[int, int]:
    """Return when the day begins, and when the next one does. ms UTC."""
    zone = timezone.get_default_timezone()
    starts = [datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1))]
    return int(starts[0].timestamp() * 1000), int(starts[1].timestamp() * 1000)


def list_days() -> list[date]:
    """Return the days of the summary, the newest first."""
    newest = today()
    return [newest - timedelta(days=number) for number in range(DAYS)]


def name_day(day: date) -> str:
    """Return the day as people call it."""
    ago = (today() - day).days
    return {0: _("today"), 1: _("yesterday")}.get(ago) or date_format(day, "MONTH_DAY_FORMAT")


def with_names(changes: QuerySet[Any]) -> QuerySet[Any]:
    """Add the names of the users who made the changes: `first_name`, `last_name`."""
    users = get_user_model().objects.filter(username=Substr(OuterRef("actor"), len(USER) + 1))
    named = {name: Subquery(users.values(name)[:1]) for name in ("first_name", "last_name")}
    annotated: QuerySet[Any] = changes.annotate(**named)
    return annotated


def format_operator(actor: str, first_name: str | None, last_name: str | None) -> str:
    """Return an operator by name; by user name where no other is known. Chinese names begin with the family's."""
    first, last = first_name or "", last_name or ""
    whole = f"{first} {last}".strip()
    return (whole if whole.isascii() else f"{last}{first}") or actor.removeprefix(USER)


def summarize(changes: QuerySet[Any], words: Mapping[str, Any]) -> list[Row]:
    """Return who did how much on each of the last days, who did most first. `words`: action -> what it is called."""
    days = list_days()
    when = [When(at__gte=bounds(day)[0], then=Value(number)) for number, day in enumerate(days)]
    recent = changes.filter(at__gte=bounds(days[-1])[0], at__lt=bounds(days[0])[1]).order_by()
    counted = (
        recent.annotate(day=Case(*when, output_field=IntegerField()))
        .values("actor", "first_name", "last_name", "day", "action")
        .annotate(count=Count("pk"))
    )
    people: dict[str, list[Any]] = defaultdict(list)
    for row in counted:
        people[row["actor"]].append(row)
    rows = [_make_row(actor, found, days, words) for actor, found in people.items()]
    return sorted(rows, key=lambda row: (-row.total, row.name))


def _make_row(actor: str, counted: list[Any], days: Iterable[date], words: Mapping[str, Any]) -> Row:
    cells = []
    for number, day in enumerate(days):
        here = sorted((row for row in counted if row["day"] == number), key=lambda row: -row["count"])
        parts = ", ".join(f"{words.get(row['action'], row['action'])} {row['count']}" for row in here)
        cells.append(Cell(day.isoformat(), sum(row["count"] for row in here), parts))
    name = format_operator(actor, counted[0]["first_name"], counted[0]["last_name"])
    return Row(name, actor.removeprefix(USER), cells, sum(cell.count for cell in cells))
