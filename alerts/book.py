"""The tables, read and written. Call these from a thread with database access."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.db.models import F

from alerts.core.choices import Choices
from alerts.core.decide import Told
from alerts.core.hours import is_quiet
from alerts.core.retry import is_over, next_try
from alerts.models import AlertChoices, AlertsTold, Delivery, Destination
from alerts.vapid import load_key
from sync.sealing import SealBroken, unseal

KEPT_MS: Final = 7 * 24 * 3_600_000
MOST_KEPT: Final = 1_000
"""Of each destination, beside what waits."""
MOST_ERROR: Final = 200
OF_PERSONS: Final = frozenset({Destination.Kind.PEOPLE, Destination.Kind.DEVICE})


class Due(NamedTuple):
    """A delivery whose turn it is, with the opened address, and for a device with the key that push services know."""

    delivery: Delivery
    address: dict[str, Any]
    key: ec.EllipticCurvePrivateKey | None


class AddressLost(Exception):
    """Raised when an address was sealed with another key. The owner must enter it again."""


# -- choices, and what was told


def load_choices() -> Choices:
    """Return the owner's choices, the usual ones where none are stored."""
    row = AlertChoices.objects.filter(pk=AlertChoices.ONLY).first()
    return msgspec.convert(row.body, Choices) if row is not None else Choices()


def save_choices(choices: Choices) -> None:
    """Store the owner's choices."""
    AlertChoices.objects.update_or_create(pk=AlertChoices.ONLY, defaults={"body": msgspec.to_builtins(choices)})


def load_told() -> Told:
    """Return what was told so far."""
    row = AlertsTold.objects.filter(pk=AlertsTold.ONLY).first()
    return msgspec.convert(row.body, Told) if row is not None else Told()


def replace_told(before: Told, after: Told) -> bool:
    """Store what is told now, in the caller's transaction. Return False if another hub told since `before` was read."""
    AlertsTold.objects.get_or_create(pk=AlertsTold.ONLY, defaults={"body": {}})
    row = AlertsTold.objects.select_for_update().get(pk=AlertsTold.ONLY)
    if msgspec.convert(row.body, Told) != before:
        return False
    row.body = msgspec.to_builtins(after)
    row.save(update_fields=["body"])
    return True


# -- deliveries


def list_enabled(*kinds: Destination.Kind) -> list[Destination]:
    """Return the destinations of these kinds that the owner has not switched off."""
    return list(Destination.objects.filter(kind__in=kinds, is_enabled=True).select_related("user"))


def enqueue(
    destination: Destination, event: str, body: Any, now: int, *, state: Delivery.State = Delivery.State.WAITING
) -> Delivery:
    """Let `body`, as JSON, be delivered to the destination. Durable with the caller's transaction.

    With another `state` than waiting the courier leaves it alone.
    """
    text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
    return Delivery.objects.create(
        destination=destination, name=uuid4().hex, event=event, body=text, created_at=now, state=state
    )


def list_due(now: int) -> list[int]:
    """Return the ids of the destinations that something waits for, and that may be tried now.

    In the quiet hours no person is: what could not be delivered before them arrives after them.
    """
    waiting = Delivery.objects.filter(
        state=Delivery.State.WAITING, destination__is_enabled=True, destination__retry_at__lte=now
    )
    due = dict(waiting.values_list("destination_id", "destination__kind").distinct().order_by())
    if not OF_PERSONS.isdisjoint(due.values()) and is_quiet(now, load_choices().quiet, ZoneInfo(settings.TIME_ZONE)):
        return sorted(destination_id for destination_id, kind in due.items() if kind not in OF_PERSONS)
    return sorted(due)


def get_next(destination_id: int, now: int) -> Due | None:
    """Return the oldest delivery that waits for the destination; None if none does, or if it is to be left alone.

    Raises AddressLost.
    """
    waiting = Delivery.objects.filter(
        state=Delivery.State.WAITING, destination_id=destination_id, destination__retry_at__lte=now
    )
    delivery = waiting.select_related("destination").order_by("pk").first()
    return make_due(delivery) if delivery is not None else None


def make_due(delivery: Delivery) -> Due:
    """Return the delivery with all that it takes to send it, so that this needs no database. Raises AddressLost."""
    address = open_address(delivery.destination)
    return Due(delivery, address, load_key() if delivery.destination.kind == Destination.Kind.DEVICE else None)


def open_address(destination: Destination) -> dict[str, Any]:
    """Return the address of the destination. Raises AddressLost, also where it came without one by an import."""
    try:
        address = msgspec.convert(unseal(destination.sealed), dict[str, Any])
    except SealBroken:
        raise AddressLost from None
    if not address:
        raise AddressLost
    return address


def list_watches() -> list[tuple[int, str]]:
    """Return (id, address) of each watch that waits for our sign of life. Those that cannot be opened are left out."""
    found = []
    for watch in list_enabled(Destination.Kind.WATCH):
        with suppress(AddressLost):
            found.append((watch.pk, open_address(watch)["url"]))
    return found


def note_delivered(delivery: Delivery, now: int) -> None:
    """Store that the destination took the delivery."""
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.DELIVERED, tries=F("tries") + 1, done_at=now, error=""
    )
    note_works(delivery.destination_id, now)


def note_failed(delivery: Delivery, error: str, now: int, *, wait_s: int = 0, is_final: bool = False) -> None:
    """Store that the delivery failed and why; it is tried again later, unless it is too old.

    Nothing, if another hub delivered it meanwhile. `wait_s`: not before that. `is_final`: it is not tried again, and
    says nothing of when others are.
    """
    changes: dict[str, Any] = {"tries": F("tries") + 1, "error": error[:MOST_ERROR]}
    if is_final or is_over(delivery.created_at, now):
        changes |= {"state": Delivery.State.FAILED, "done_at": now}
    if Delivery.objects.filter(pk=delivery.pk).exclude(state=Delivery.State.DELIVERED).update(**changes):
        note_broken(delivery.destination_id, error, now, wait_s=wait_s, puts_off=not is_final)


def note_works(destination_id: int, now: int) -> None:
    """Store that the destination answered as it should."""
    Destination.objects.filter(pk=destination_id).update(failures=0, retry_at=0, delivered_at=now, error="")


@transaction.atomic
def note_broken(destination_id: int, error: str, now: int, *, wait_s: int = 0, puts_off: bool = True) -> None:
    """Store that the destination failed. `puts_off`: it is asked again later, ever more rarely, not before `wait_s`."""
    destination = Destination.objects.select_for_update().filter(pk=destination_id).first()
    if destination is not None:
        if puts_off:
            destination.failures += 1
            destination.retry_at = next_try(destination.failures, now, wait_s)
        destination.failed_at, destination.error = now, error[:MOST_ERROR]
        destination.save(update_fields=["failures", "retry_at", "failed_at", "error"])


def send_again(deliveries: Iterable[Delivery]) -> int:
    """Let deliveries wait again under the ids that they have. Returns how many."""
    names = [delivery.pk for delivery in deliveries]
    return (
        Delivery.objects.filter(pk__in=names)
        .exclude(state=Delivery.State.WAITING)
        .update(state=Delivery.State.WAITING, done_at=None)
    )


def prune(now: int) -> None:
    """Delete what was delivered or given up long ago, and the oldest of what is too much."""
    done = Delivery.objects.exclude(state=Delivery.State.WAITING)
    done.filter(done_at__lt=now - KEPT_MS).delete()
    for destination_id in Destination.objects.values_list("pk", flat=True):
        kept = done.filter(destination_id=destination_id).values_list("pk", flat=True)[:MOST_KEPT]
        if len(kept) == MOST_KEPT:
            done.filter(destination_id=destination_id, pk__lt=kept[MOST_KEPT - 1]).delete()
