"""The owner's choices of alerts in an export: when, of what, and to which places. Their addresses are secrets of this
installation and stay here, as tokens and browser sessions do; so do the devices, which are their users' own."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from alerts import book
from alerts.core.choices import Choices, find_fault
from alerts.follow import EVENTS
from alerts.models import AlertChoices, Destination
from alerts.owner import MOST_LABEL, MOST_PLACES
from sync.sealing import seal

MOST_SHOWN: Final = 120
_KINDS: Final = (Destination.Kind.PEOPLE, Destination.Kind.PROGRAM, Destination.Kind.WATCH)


class ExportedPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A destination without its address. `shown`: what may be read of that; `events`: of a program, empty for all."""

    kind: Literal["people", "program", "watch"]
    label: str
    shown: str = ""
    events: list[str] = []


class ExportedAlerts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All of it. `choices`: None if the owner never changed them."""

    choices: Choices | None = None
    places: list[ExportedPlace] = []


class AlertsPart:
    """The part `alerts` of an export."""

    def take(self) -> dict[str, Any] | None:
        """Return the choices and the places; None if there are neither."""
        chosen = book.load_choices() if AlertChoices.objects.exists() else None
        rows = Destination.objects.filter(kind__in=_KINDS)
        places = [
            {"kind": row.kind, "label": row.label, "shown": row.shown, "events": list(row.events)} for row in rows
        ]
        if chosen is None and not places:
            return None
        exported = ExportedAlerts(choices=chosen, places=msgspec.convert(places, list[ExportedPlace]))
        content: dict[str, Any] = msgspec.to_builtins(exported)
        return content

    def check(self, content: dict[str, Any]) -> None:
        """Raise ValueError if this is no such part."""
        alerts = _parse(content)
        if alerts.choices is not None and (fault := find_fault(alerts.choices)) is not None:
            raise ValueError(f"these choices make no sense ({fault}) - at `choices`")
        for place, one in enumerate(alerts.places):
            if not _fits(one):
                raise ValueError(f"no place for alerts - at `places[{place}]`")

    def put(self, content: dict[str, Any], now: int) -> None:
        """Store the choices unless there are some, and the places that are not here: switched off, because they say
        no address."""
        alerts = _parse(content)
        if alerts.choices is not None:
            body = {"body": msgspec.to_builtins(alerts.choices)}
            AlertChoices.objects.get_or_create(pk=AlertChoices.ONLY, defaults=body)
        for one in alerts.places:
            _add_missing(one, now)


def _parse(content: dict[str, Any]) -> ExportedAlerts:
    return msgspec.convert(content, type=ExportedAlerts)


def _fits(place: ExportedPlace) -> bool:
    texts = place.label + place.shown
    is_short = 0 < len(place.label) <= MOST_LABEL and len(place.shown) <= MOST_SHOWN
    return is_short and "\0" not in texts and set(place.events) <= set(EVENTS)


def _add_missing(place: ExportedPlace, now: int) -> None:
    """Add the place, unless it or as many as there may be are here. There is one sign of life."""
    here = Destination.objects.filter(kind=place.kind)
    most = 1 if place.kind == "watch" else MOST_PLACES
    if here.filter(label=place.label, shown=place.shown).exists() or here.count() >= most:
        return
    Destination.objects.create(
        kind=place.kind,
        label=place.label,
        shown=place.shown,
        events=place.events,
        sealed=seal({}),
        is_enabled=False,
        created_at=now,
        failed_at=now,
        error="address",
    )
