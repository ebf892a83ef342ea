"""Hands the events of accounts to the programs that wait for them, from the change log: nothing is lost by a restart.

For each program and account the table `Followed` says how far it is. What comes after that is read from the log,
rendered as a socket of the owner would get it, and stored for delivery together with the new place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import transaction

from alerts import book
from alerts.facts import list_accounts
from alerts.models import Delivery, Destination, Followed
from im_api.push.render import ITEMS, OF_ACCOUNT, render
from im_api.queries import AuthorizedAccount
from im_api.queries.events import Event, NotificationBatch, Position, list_missed_events, position_of

WHOLE: Final = frozenset({"message", "discussion", "content", "notification", "conversation"})
"""Items, which come and go. Of everything else one only hears that it is another now."""
EVENTS: Final = tuple(
    f"{noun}.{what}"
    for noun in ITEMS
    for what in (("created", "updated", "removed") if noun in WHOLE else ("updated",))
) + tuple(OF_ACCOUNT)
"""The kinds of event that a program may choose. `reset` comes in any case: it must know that it missed something."""
RESET: Final = "reset"
MOST_WAITING: Final = 2_000
"""Deliveries that wait for one program. Above it the log keeps the rest, and the program falls behind there."""


def begin_to_follow(destination: Destination) -> None:
    """Send the program what happens from now on. Call it in the transaction that makes the program."""
    for authorized in list_accounts():
        position = position_of(authorized)
        Followed.objects.create(
            destination=destination, account_id=authorized.account.id, epoch=position.epoch, seq=position.seq
        )


def hand_over(now: int) -> bool:
    """Store for delivery what each program has not got yet. Returns whether there is anything. Raises HubNotReady."""
    programs = book.list_enabled(Destination.Kind.PROGRAM)
    accounts = list_accounts() if programs else []
    return sum(_hand_over_to(program, accounts, now) for program in programs) > 0


def _hand_over_to(program: Destination, accounts: list[AuthorizedAccount], now: int) -> bool:
    places = {place.account_id: place for place in Followed.objects.filter(destination=program)}
    waiting = Delivery.objects.filter(destination=program, state=Delivery.State.WAITING).count()
    has_any = False
    for authorized in accounts:
        place = places.get(authorized.account.id)
        position = position_of(authorized)
        if place is not None and place.epoch == position.epoch and place.seq >= position.seq:
            continue  # also where another hub handed over what this one has not taken in yet
        if waiting >= MOST_WAITING:
            break
        frames = list(_frames(program, authorized, place))
        if not _store(program, authorized, place, frames, now):
            continue
        waiting += len(frames)
        has_any = has_any or bool(frames)
    return has_any


@transaction.atomic
def _store(
    program: Destination,
    authorized: AuthorizedAccount,
    place: Followed | None,
    frames: list[tuple[str, str]],
    now: int,
) -> bool:
    """Store them with the new place. Return False if another hub did since `place` was read."""
    position = position_of(authorized)
    stored = Followed.objects.select_for_update().filter(destination=program, account_id=authorized.account.id).first()
    if _position(stored) != _position(place):
        return False
    for kind, frame in frames:
        book.enqueue(program, kind, frame, now)
    Followed.objects.update_or_create(
        destination=program,
        account_id=authorized.account.id,
        defaults={"epoch": position.epoch, "seq": position.seq},
    )
    return True


def _position(place: Followed | None) -> Position | None:
    return None if place is None else Position(place.epoch, place.seq)


def _frames(program: Destination, authorized: AuthorizedAccount, place: Followed | None) -> Iterator[tuple[str, str]]:
    """Yield (kind, frame) of each event after `place` that the program wants, in order."""
    position, account_id = position_of(authorized), authorized.account.id
    events = _missed(authorized, place)
    if events is None:
        is_first = place is None or not place.epoch
        batch = NotificationBatch(account_id, position.seq, position, None, is_first)
        yield RESET, render(authorized, batch)[0]
        return
    after = position.seq - len(events)
    for seq, event in enumerate(events, after + 1):
        if not program.events or event.kind in program.events:
            batch = NotificationBatch(account_id, seq - 1, Position(position.epoch, seq), [event])
            yield event.kind, render(authorized, batch)[0]


def _missed(authorized: AuthorizedAccount, place: Followed | None) -> list[Event] | None:
    """Return the events after `place`, none for an account without any; None if they cannot be told one by one."""
    position = position_of(authorized)
    if position.seq == 0:
        return []
    return list_missed_events(authorized, Position(place.epoch, place.seq)) if place is not None else None
