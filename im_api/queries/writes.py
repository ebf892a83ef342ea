"""Writes of operators. When a function returns, its change is durable, and every later query sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple, NoReturn

import msgspec

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.items import SEVERAL, Finder, Found, Wanted, find_item
from im_api.queries.scope import AuthorizedAccount, check_may_write, find_owner, get_authorized, get_writable
from sync.core.account.inbox_rows import FEED_KINDS, FeedKind
from sync.core.account.people import person_of
from sync.core.change.changes import Action, ConversationCreated, Operated, OperatorChange, ReadBefore
from sync.core.change.operator_changes import find_partner
from sync.core.lists.filters import is_unread_up_to
from sync.hub import get_hub
from sync.protocol.ids import check_item_id, make_id
from sync.protocol.items import Collection, MessageStatus
from sync.storage.records import Actor
from sync.writing.jobs import Done

FEED_COLLECTIONS: Final[tuple[Collection, ...]] = ("messages", "comments", "notifications")
_WANTED: Final[Mapping[Action, Wanted]] = {
    "delete": "stored",
    "restore": "stored",
    "read": "named",
    "unread": "named",
    "done": "named",
    "undone": "named",
}


class ReadOutcome(NamedTuple):
    """The result of marking as read. `newly`: items that were unread before. `complete`: nothing of it is unread."""

    newly: int
    complete: bool
    accounts: list[AuthorizedAccount]


def operate(
    principal: Principal,
    actor: Actor,
    action: Action,
    collection: Collection,
    item_id: str,
    account_id: str | None = None,
    status: MessageStatus | None = None,
) -> Found:
    """Do `action` to one item, and return it as it is then. What is deleted may be deleted and restored again.

    Raises NotFound, Forbidden, BadRequest, HubBusy; so do the others.
    """
    authorized, known = find_item(principal, collection, item_id, account_id, _WANTED.get(action, "seen"))
    check_may_write([authorized])
    change = Operated(action=action, collection=collection, ids=(known,), status=status, by=principal.username)
    after = _after(authorized, _write(authorized, actor, change))
    return after, after.view.find(collection, known) or known


def make_conversation(
    principal: Principal, actor: Actor, account_id: str, user_id: str, user_name: str | None
) -> tuple[Found, bool]:
    """Return the conversation with this person, and whether it is a new one. A deleted one comes back.

    `user_id`: as any item of the account names the person. Workers find people by the id of conversations alone.
    """
    authorized = get_authorized(principal, account_id)
    check_may_write([authorized])
    user_id = person_of(authorized.view, user_id)
    made_id = make_id("conversations", authorized.account.id, user_id)
    if fault := check_item_id(made_id):
        raise BadRequest(f"participant.user_id: {fault}")
    if find_owner(made_id) != authorized.account.id and find_partner(authorized.view, user_id) is None:
        raise BadRequest("participant.user_id: the conversation's id would be one of another account")
    done = _write(authorized, actor, ConversationCreated(user_id=user_id, user_name=user_name or None))
    known = find_partner(done.view, user_id) or made_id
    return (_after(authorized, done), known), find_partner(done.before, user_id) is None


def read_one(principal: Principal, actor: Actor, item_id: str, account_id: str | None) -> list[AuthorizedAccount]:
    """Mark a message, comment or notice as read, and return the account after it."""
    finder = Finder(principal, account_id)
    return _read(principal, actor, _find_in_feed(finder, item_id) or _nothing()).accounts


def read_items(
    principal: Principal, actor: Actor, item_ids: Sequence[str], account_id: str | None = None
) -> ReadOutcome:
    """Mark messages, comments and notices as read. Unknown ids are passed over, unless all are."""
    finder = Finder(principal, account_id)
    found = [_find_in_feed(finder, item_id) for item_id in dict.fromkeys(item_ids)]
    if found and not any(found):
        _nothing()
    marked = _read(principal, actor, chain.from_iterable(found))
    return marked._replace(complete=all(found))


FeedItem = tuple[Collection, AuthorizedAccount, str]


def _find_in_feed(finder: Finder, item_id: str) -> list[FeedItem]:
    """Return the items with this id, of every kind that has it. Raises BadRequest, NotFound."""
    found = [(name, item) for name in FEED_COLLECTIONS for item in finder.find(name, item_id)]
    if len({authorized.account.id for _, (authorized, _) in found}) > 1:
        raise BadRequest(f"{item_id}: {SEVERAL}")
    return [(name, authorized, known) for name, (authorized, known) in found]


def _nothing() -> NoReturn:
    raise NotFound("Message not found")


def _read(principal: Principal, actor: Actor, items: Iterable[FeedItem]) -> ReadOutcome:
    """One write for each kind of each account. Nothing is written if one of the accounts may not be written to."""
    groups: defaultdict[tuple[str, Collection], list[str]] = defaultdict(list)
    accounts: dict[str, AuthorizedAccount] = {}
    for name, authorized, known in items:
        groups[authorized.account.id, name].append(known)
        accounts[authorized.account.id] = authorized
    check_may_write(accounts.values())
    count = 0
    for (account_id, name), ids in groups.items():
        change = Operated(action="read", collection=name, ids=tuple(ids), by=principal.username)
        done = _write(accounts[account_id], actor, change)
        count += sum(done.before.is_unread(name, i) and not done.view.is_unread(name, i) for i in ids)
        accounts[account_id] = _after(accounts[account_id], done)
    return ReadOutcome(count, True, list(accounts.values()))


def read_before(
    principal: Principal, actor: Actor, account_ids: str, before: int, kinds: frozenset[FeedKind] | None
) -> ReadOutcome:
    """Mark everything of these kinds (None: all) up to `before` (ms UTC, inclusive) as read.

    `account_ids` as for `get_writable`.
    """
    kinds = kinds if kinds is not None else FEED_KINDS
    count, complete, accounts = 0, True, []
    for authorized in get_writable(principal, account_ids):
        done = _write(authorized, actor, ReadBefore(before=before, kinds=kinds, by=principal.username))
        count += done.before.totals.total_unread - done.view.totals.total_unread
        complete = complete and not is_unread_up_to(done.view, before, kinds)
        accounts.append(_after(authorized, done))
    return ReadOutcome(count, complete, accounts)


def _write(authorized: AuthorizedAccount, actor: Actor, change: OperatorChange) -> Done:
    return get_hub().write(authorized.account.id, change, actor)


def _after(authorized: AuthorizedAccount, done: Done) -> AuthorizedAccount:
    return msgspec.structs.replace(authorized, view=done.view)
