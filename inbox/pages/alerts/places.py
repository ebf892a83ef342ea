"""Puts into words where alerts and events go, whether they arrive, and why not."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop, ngettext
from msgspec import Struct

from alerts.owner import NotGood, Place, Sent
from inbox import formatting

_REASONS: Final = {
    "unreachable": gettext_noop("it cannot be reached"),
    "timeout": gettext_noop("it did not answer in time"),
    "refused": gettext_noop("it was refused"),
    "address": gettext_noop("its address cannot be read any more; remove it and add it again"),
    "gone": gettext_noop("it is gone"),
}
_STATES: Final = {
    "waiting": gettext_noop("waiting"),
    "delivered": gettext_noop("delivered"),
    "failed": gettext_noop("failed"),
}
_WRONG: Final = {
    "empty": gettext_noop("Nothing stands here yet."),
    "long": gettext_noop("That is too long."),
    "address": gettext_noop("No service has such an address. Look at the examples below."),
    "web_address": gettext_noop("An address that begins with http:// or https:// is needed, without a password in it."),
    "many": gettext_noop("There are enough of them. Remove one first."),
    "event": gettext_noop("Choose some of the list."),
}


class ShownPlace(Struct, frozen=True):
    """A destination with its state in words. `is_trouble`: the last try failed."""

    place: Place
    state: str
    is_trouble: bool


class ShownDelivery(Struct, frozen=True):
    """A line of the log in words."""

    name: str
    event: str
    state: str
    time: str
    tries: str
    error: str
    is_trouble: bool
    can_repeat: bool


def show_place(place: Place, now: int) -> ShownPlace:
    """Return the destination with its state in words. `now`: ms UTC."""
    return ShownPlace(place, _state(place, now), bool(place.error))


def _state(place: Place, now: int) -> str:
    if place.error:
        since = formatting.format_moment(place.failed_at or now, now)
        words = {"time": since, "reason": say_reason(place.error)}
        if place.waiting:
            return gettext("Failed at %(time)s: %(reason)s. It is tried again by itself.") % words
        return gettext("Failed at %(time)s: %(reason)s.") % words
    if place.delivered_at is None:
        return gettext("Nothing was sent yet.")
    return gettext("Arrived last at %(time)s.") % {"time": formatting.format_moment(place.delivered_at, now)}


def show_delivery(sent: Sent, now: int) -> ShownDelivery:
    """Return the line of the log in words. `now`: ms UTC."""
    return ShownDelivery(
        name=sent.name,
        event=sent.event,
        state=gettext(_STATES[sent.state]),
        time=formatting.format_moment(sent.created_at, now),
        tries=ngettext("%(n)s try", "%(n)s tries", sent.tries) % {"n": sent.tries},
        error=say_reason(sent.error) if sent.error else "",
        is_trouble=bool(sent.error),
        can_repeat=sent.state != "waiting",
    )


def say_reason(error: str) -> str:
    """Return why a delivery failed: in our words, and beside them what the other side said."""
    reason, _, detail = error.partition(": ")
    if reason == "status":
        return gettext("it answered %(status)s") % {"status": detail}
    words = gettext(_REASONS.get(reason, "it was refused"))
    return f"{words} ({detail})" if detail else words


def say_wrong(error: NotGood) -> str:
    """Return what is wrong with what the owner entered."""
    return gettext(_WRONG[error.reason])
