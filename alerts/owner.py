"""Does what the owner asks of alerts: set, try, look. Call these from a thread with database access."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from django.db import transaction
from msgspec import Struct

from alerts import book
from alerts.core.choices import Choices, Fault, Language, find_fault
from alerts.core.hours import format_clock, parse_clock
from alerts.courier import note_failure, send
from alerts.follow import EVENTS, begin_to_follow
from alerts.models import Delivery, Destination
from alerts.sending.failed import SendFailed
from alerts.sending.people import BadAddress, describe_address
from alerts.sending.program import is_web_address, send_sign_of_life, show_address
from alerts.words import say_test
from sync.sealing import seal

__all__ = [
    "EVENTS",
    "MOST_LABEL",
    "Choices",
    "Fault",
    "Language",
    "NotGood",
    "Place",
    "Sent",
    "add_people",
    "add_program",
    "count_broken",
    "find_fault",
    "format_clock",
    "get_place",
    "list_places",
    "list_sent",
    "load_choices",
    "parse_clock",
    "remove",
    "renew_secret",
    "save_choices",
    "send_again",
    "set_watch",
    "try_out",
]

load_choices, save_choices = book.load_choices, book.save_choices

MOST_LABEL: Final = 60
MOST_ADDRESS: Final = 2_000
MOST_PLACES: Final = 20
"""Of each kind."""
MOST_LISTED: Final = 100

PlaceKind = Literal["people", "program", "watch"]


class NotGood(Exception):
    """Raised for what the owner entered, with the field and what is wrong there."""

    def __init__(self, field: str, reason: Literal["empty", "long", "address", "web_address", "many", "event"]) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Place(Struct, frozen=True, kw_only=True):
    """A destination, without its address. `shown`: what may be read of that. `waiting`: how much waits for it. `error`:
    why the last try failed, empty after a success. Times are ms UTC."""

    id: int
    kind: str
    label: str
    shown: str
    events: tuple[str, ...]
    delivered_at: int | None
    failed_at: int | None
    error: str
    waiting: int


class Sent(NamedTuple):
    """A line of the log. Times are ms UTC."""

    name: str
    event: str
    state: str
    tries: int
    created_at: int
    error: str


# -- what is there


def list_places(kind: PlaceKind) -> list[Place]:
    """Return the destinations of a kind, the oldest first."""
    return [_place(row) for row in Destination.objects.filter(kind=kind)]


def count_broken() -> int:
    """Return the number of addresses at which the last try failed, devices left out."""
    return Destination.objects.exclude(kind=Destination.Kind.DEVICE).exclude(error="").count()


def get_place(place_id: int) -> Place | None:
    """Return the destination; None if there is none. Devices are their users' own."""
    row = _find(place_id)
    return _place(row) if row is not None else None


def list_sent(place_id: int) -> list[Sent]:
    """Return what was sent to the destination, and what waits, the newest first."""
    rows = Delivery.objects.filter(destination_id=place_id)[:MOST_LISTED]
    return [Sent(row.name, row.event, row.state, row.tries, row.created_at, row.error) for row in rows]


def _find(place_id: int) -> Destination | None:
    return Destination.objects.filter(pk=place_id).exclude(kind=Destination.Kind.DEVICE).first()


def _place(row: Destination) -> Place:
    return Place(
        id=row.pk,
        kind=row.kind,
        label=row.label,
        shown=row.shown,
        events=tuple(row.events),
        delivered_at=row.delivered_at,
        failed_at=row.failed_at,
        error=row.error,
        waiting=row.deliveries.filter(state=Delivery.State.WAITING).count(),
    )


# -- what the owner adds


def add_people(label: str, address: str, now: int) -> int:
    """Let alerts go to an address of Apprise. Returns its id. Raises NotGood."""
    label, address = _check(label, address, Destination.Kind.PEOPLE)
    try:
        shown = describe_address(address)
    except BadAddress:
        raise NotGood("address", "address") from None
    return _create(Destination.Kind.PEOPLE, label, shown, {"url": address}, now).pk


@transaction.atomic
def add_program(label: str, address: str, events: Iterable[str], now: int) -> tuple[int, str]:
    """Let events go to a program. Returns (its id, the secret that signs them). Raises NotGood, HubNotReady."""
    label, address = _check(label, address, Destination.Kind.PROGRAM)
    if not is_web_address(address):
        raise NotGood("address", "web_address")
    chosen = sorted(set(events))
    if not set(chosen) <= set(EVENTS):
        raise NotGood("events", "event")
    secret = _new_secret()
    row = _create(Destination.Kind.PROGRAM, label, show_address(address), {"url": address, "secret": secret}, now)
    row.events = chosen
    row.save(update_fields=["events"])
    begin_to_follow(row)
    return row.pk, secret


def renew_secret(place_id: int, now: int) -> str | None:
    """Give the program another secret and return it; None for no program, and for one whose address is lost."""
    row = _find(place_id)
    if row is None or row.kind != Destination.Kind.PROGRAM:
        return None
    secret = _new_secret()
    try:
        row.sealed = seal({**book.open_address(row), "secret": secret})
    except book.AddressLost:
        book.note_broken(place_id, "address", now)
        return None
    row.save(update_fields=["sealed"])
    return secret


@transaction.atomic
def set_watch(address: str, now: int) -> int | None:
    """Let the sign of life go to this address alone; to none if it is empty. Returns its id. Raises NotGood."""
    address = address.strip()
    if address and not is_web_address(address):
        raise NotGood("address", "web_address")
    Destination.objects.filter(kind=Destination.Kind.WATCH).delete()
    if not address:
        return None
    shown = show_address(address)
    return _create(Destination.Kind.WATCH, shown[:MOST_LABEL], shown, {"url": address}, now).pk


def remove(place_id: int) -> None:
    """Forget the destination and what waits for it."""
    row = _find(place_id)
    if row is not None:
        row.delete()


def _check(label: str, address: str, kind: Destination.Kind) -> tuple[str, str]:
    label, address = " ".join(label.split()), address.strip()
    if not label:
        raise NotGood("label", "empty")
    if len(label) > MOST_LABEL or "\0" in label:
        raise NotGood("label", "long")
    if not address:
        raise NotGood("address", "empty")
    if len(address) > MOST_ADDRESS:
        raise NotGood("address", "long")
    if Destination.objects.filter(kind=kind).count() >= MOST_PLACES:
        raise NotGood("label", "many")
    return label, address


def _create(kind: Destination.Kind, label: str, shown: str, address: dict[str, str], now: int) -> Destination:
    return Destination.objects.create(kind=kind, label=label, shown=shown[:120], sealed=seal(address), created_at=now)


def _new_secret() -> str:
    return "whsec_" + secrets.token_urlsafe(32)


# -- what the owner tries


def try_out(place_id: int, now: int) -> bool:
    """Send a test at once, and note what came of it. Returns whether it arrived. It may take some seconds."""
    row = _find(place_id)
    if row is None:
        return False
    if row.kind == Destination.Kind.WATCH:
        return _try_watch(row, now)
    words = say_test(row.language or load_choices().language)
    is_program = row.kind == Destination.Kind.PROGRAM
    body = {"type": "test"} if is_program else {"title": words.title, "body": words.text, "path": words.path}
    delivery = book.enqueue(row, "test", body, now, state=Delivery.State.FAILED)
    try:
        send(book.make_due(delivery), now)
    except (SendFailed, book.AddressLost) as error:
        note_failure(delivery, str(error) or "address", now, is_final=True)
        return False
    book.note_delivered(delivery, now)
    return True


def _try_watch(row: Destination, now: int) -> bool:
    try:
        send_sign_of_life(book.open_address(row)["url"])
    except (SendFailed, book.AddressLost) as error:
        book.note_broken(row.pk, str(error) or "address", now)
        return False
    book.note_works(row.pk, now)
    return True


def send_again(place_id: int, name: str) -> bool:
    """Let something that was sent to the destination be sent again at once, under its id. Returns whether there is
    such."""
    if not book.send_again(Delivery.objects.filter(destination_id=place_id, name=name)):
        return False
    Destination.objects.filter(pk=place_id).update(retry_at=0)
    return True
