"""What operators do. When a function returns, it is durable and in every later reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple, NoReturn

import msgspec

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.items import SEVERAL, Finder, Found, find_item
from im_api.queries.scope import Reading, check_may_write, get_reading, get_writable
from sync.core.account.feed_kinds import FEED_KINDS, FeedKind
from sync.core.change.changes import Action, ConversationCreated, Operated, OperatorChange, ReadBefore
from sync.core.change.operator_changes import find_partner
from sync.core.lists.filters import is_unread_up_to
from sync.protocol.ids import check_item_id, make_id
from sync.protocol.items import Collection, MessageStatus
from sync.storage.records import Actor
from sync.writing.jobs import Done

FEED_COLLECTIONS: Final[tuple[Collection, ...]] = ("messages", "comments", "notifications")
_OF_HIDDEN: Final = ("delete", "restore")


class Marked(NamedTuple):
    """`newly`: how many were unread before. `complete`: whether all that was asked for is read now."""

    newly: int
    complete: bool
    readings: list[Reading]


def operate(
    principal: Principal,
    actor: Actor,
    action: Action,
    collection: Collection,
    item_id: str,
    account_id: str | None = None,
    status: MessageStatus | None = None,
) -> Found:
    """The item after it. What is deleted may be deleted and restored again.

    Raises NotFound, Forbidden, BadRequest, HubBusy; so do the others.
    """
    reading, known = find_item(principal, collection, item_id, account_id, hidden=action in _OF_HIDDEN)
    check_may_write([reading])
    change = Operated(action=action, collection=collection, ids=(known,), status=status, by=principal.username)
    after = _after(reading, _write(reading, actor, change))
    return after, after.view.find(collection, known) or known


def make_conversation(
    principal: Principal, actor: Actor, account_id: str, user_id: str, user_name: str | None
) -> tuple[Found, bool]:
    """The conversation with this person, and whether it is a new one. One that was deleted comes back."""
    reading = get_reading(principal, account_id)
    check_may_write([reading])
    made_id = make_id("conversations", reading.account.id, user_id)
    if fault := check_item_id(made_id):
        raise BadRequest(f"participant.user_id: {fault}")
    done = _write(reading, actor, ConversationCreated(user_id=user_id, user_name=user_name or None))
    known = find_partner(done.view, user_id) or made_id
    return (_after(reading, done), known), find_partner(done.before, user_id) is None


def read_one(principal: Principal, actor: Actor, item_id: str, account_id: str | None) -> list[Reading]:
    """A message, comment or notice."""
    finder = Finder(principal, account_id)
    return _read(principal, actor, _find_in_feed(finder, item_id) or _nothing()).readings


def read_items(principal: Principal, actor: Actor, item_ids: Sequence[str]) -> Marked:
    """Messages, comments and notices. Unknown ids are passed over, unless all are."""
    finder = Finder(principal)
    found = [_find_in_feed(finder, item_id) for item_id in dict.fromkeys(item_ids)]
    if found and not any(found):
        _nothing()
    marked = _read(principal, actor, chain.from_iterable(found))
    return marked._replace(complete=all(found))


FeedItem = tuple[Collection, Reading, str]


def _find_in_feed(finder: Finder, item_id: str) -> list[FeedItem]:
    """Of each kind that has this id. Raises BadRequest, NotFound."""
    found = [(name, item) for name in FEED_COLLECTIONS for item in finder.find(name, item_id)]
    if len({reading.account.id for _, (reading, _) in found}) > 1:
        raise BadRequest(f"{item_id}: {SEVERAL}")
    return [(name, reading, known) for name, (reading, known) in found]


def _nothing() -> NoReturn:
    raise NotFound("Message not found")


def _read(principal: Principal, actor: Actor, items: Iterable[FeedItem]) -> Marked:
    """One write for each kind of each account. Nothing is written if one of the accounts may not be written to."""
    groups: defaultdict[tuple[str, Collection], list[str]] = defaultdict(list)
    readings: dict[str, Reading] = {}
    for name, reading, known in items:
        groups[reading.account.id, name].append(known)
        readings[reading.account.id] = reading
    check_may_write(readings.values())
    count = 0
    for (account_id, name), ids in groups.items():
        change = Operated(action="read", collection=name, ids=tuple(ids), by=principal.username)
        done = _write(readings[account_id], actor, change)
        count += sum(done.before.is_unread(name, i) and not done.view.is_unread(name, i) for i in ids)
        readings[account_id] = _after(readings[account_id], done)
    return Marked(count, True, list(readings.values()))


def read_before(
    principal: Principal, actor: Actor, account_ids: str, before: int, kinds: frozenset[FeedKind] | None
) -> Marked:
    """Everything of these kinds (None: all) up to `before` (ms UTC, inclusive). `account_ids` as for `get_writable`."""
    kinds = kinds if kinds is not None else FEED_KINDS
    count, complete, readings = 0, True, []
    for reading in get_writable(principal, account_ids):
        done = _write(reading, actor, ReadBefore(before=before, kinds=kinds, by=principal.username))
        count += done.before.totals.total_unread - done.view.totals.total_unread
        complete = complete and not is_unread_up_to(done.view, before, kinds)
        readings.append(_after(reading, done))
    return Marked(count, complete, readings)


def _write(reading: Reading, actor: Actor, change: OperatorChange) -> Done:
    return reading.hub.write(reading.account.id, change, actor)


def _after(reading: Reading, done: Done) -> Reading:
    return msgspec.structs.replace(reading, view=done.view)
