"""Writing replies, taking them back and trying them again. What a function returns is durable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from msgspec import Struct
from msgspec.structs import replace

from im_api.access import Principal
from im_api.errors import BadRequest, Conflict
from im_api.queries.items import find_item
from im_api.queries.scope import AuthorizedAccount, check_may_write, list_authorized
from im_api.queries.sending.outlook import Obstacle, find_mode
from im_api.queries.sending.reading import find_reply
from sync.core.account.comment_threads import root_of
from sync.core.change.changes import ReplyMoved, ReplyWritten
from sync.core.change.replies.reply_changes import ITEMS_OF, answered_since
from sync.core.lists.reply_queue import estimate_turn
from sync.core.replies.budget import NEVER
from sync.core.replies.held import COLLECTION_OF
from sync.core.replies.reply import HOLD_MS, MAX_CHARS, RETRIABLE, Reply, ReplyKind, SendMode, make_reply_id
from sync.core.replies.steps import Cancelled
from sync.hub import get_hub
from sync.protocol.account_config import budget_of
from sync.protocol.items import Collection
from sync.protocol.text import is_blank, one_break
from sync.storage.records import Actor

REFUSALS: Final[Mapping[Obstacle, str]] = {
    "off": "This account does not send replies: its owner has not switched that on (reply_mode)",
    "unable": "This account cannot send replies: its worker cannot do that yet",
    "paused": "This account is paused: nothing is sent",
}
OTHER_BODY: Final = "client_id: a reply with other words, or to somebody else, has it already"


class AnsweredMeanwhile(Conflict):
    """Somebody of our side answered since what the writer saw. `found`: the item, or the reply, that he did not see."""

    def __init__(self, authorized: AuthorizedAccount, found: tuple[Collection | None, str]) -> None:
        super().__init__("Somebody has answered meanwhile: look at it, and send again with force if it still goes")
        self.authorized = authorized
        self.found = found


class NewReply(Struct, frozen=True, kw_only=True):
    """A client's wish to send a reply. One of the three ids is given; `account_id` where it may be of two accounts."""

    text: str
    client_id: UUID | None = None
    account_id: str | None = None
    conversation_id: str | None = None
    discussion_id: str | None = None
    content_id: str | None = None
    based_on: str | None = None
    force: bool = False


def write_reply(principal: Principal, actor: Actor, new: NewReply) -> tuple[AuthorizedAccount, Reply, bool]:
    """Return the account, the reply, and whether it is a new one: the same `client_id` again is the same reply.

    Raises BadRequest, NotFound, Forbidden, Conflict, AnsweredMeanwhile, HubNotReady, HubBusy.
    """
    kind, given = _target(new)
    text = _text(new.text)
    authorized, target = find_item(principal, COLLECTION_OF[kind], given, new.account_id, "named")
    check_may_write([authorized])
    client_id = new.client_id or uuid4()
    if (known := _find_known(principal, client_id)) is not None:
        return (*_same(*known, authorized.account.id, kind, target, text), False)
    mode = check_mode(authorized)
    based_on = None if new.force or new.based_on is None else _based_on(authorized, kind, new.based_on)
    reply = _new_reply(principal, authorized, kind, target, text, client_id, mode)
    return _write(authorized, actor, ReplyWritten(reply=reply, based_on=based_on))


def try_again(principal: Principal, actor: Actor, reply_id: str) -> tuple[AuthorizedAccount, Reply, bool]:
    """Write the reply once more, on a person's own word. Raises as `write_reply`.

    It is tried again once; whoever took that back may try it again.
    """
    authorized, old = find_reply(principal, reply_id)
    check_may_write([authorized])
    if old.state not in RETRIABLE:
        raise Conflict(f"This reply is {old.state}: only one that failed, was refused or is unknown is tried again")
    client_id = uuid5(NAMESPACE_OID, old.id)
    while (known := _find_known(principal, client_id)) is not None:
        if known[1].state != "cancelled":
            return (*known, False)
        client_id = uuid5(NAMESPACE_OID, known[1].id)
    mode = check_mode(authorized)
    reply = _new_reply(principal, authorized, old.kind, old.target, old.text, client_id, mode)
    return _write(authorized, actor, ReplyWritten(reply=replace(reply, retry_of=old.id)))


def take_back(principal: Principal, actor: Actor, reply_id: str) -> tuple[AuthorizedAccount, Reply]:
    """Cancel a reply that no worker has yet. Raises NotFound, Forbidden, Conflict, HubBusy."""
    authorized, _ = find_reply(principal, reply_id)
    check_may_write([authorized])
    done = get_hub().write(authorized.account.id, ReplyMoved(reply_id=reply_id, step=Cancelled()), actor)
    reply = done.view.replies.get(reply_id)
    if reply is None or reply.state != "cancelled":
        state = reply.state if reply is not None else "gone"
        raise Conflict(f"This reply is {state}: it cannot be taken back any more")
    return replace(authorized, view=done.view), reply


def check_mode(authorized: AuthorizedAccount) -> SendMode:
    """Return how the account's replies go now. Raises Conflict with the reason why they do not."""
    mode, obstacle = find_mode(authorized)
    if mode == "off":
        raise Conflict(REFUSALS[obstacle or "off"])
    return mode


def _target(new: NewReply) -> tuple[ReplyKind, str]:
    targets: dict[ReplyKind, str | None] = {
        "message": new.conversation_id,
        "comment": new.discussion_id,
        "work": new.content_id,
    }
    given = [(kind, item_id) for kind, item_id in targets.items() if item_id is not None]
    if len(given) != 1:
        raise BadRequest("exactly one of conversation_id, discussion_id and content_id is required")
    return given[0]


def _text(given: str) -> str:
    text = one_break(given).strip()
    if "\0" in text:
        raise BadRequest("text: must not contain the character NUL")
    if is_blank(text):
        raise BadRequest("text: must not be blank")
    if len(text) > MAX_CHARS:
        raise BadRequest(f"text: {MAX_CHARS} characters at most, these are {len(text)}")
    return text


def _find_known(principal: Principal, client_id: UUID) -> tuple[AuthorizedAccount, Reply] | None:
    """Return the reply that a client calls so, in whatever account that `principal` may see."""
    for authorized in list_authorized(principal):
        view = authorized.view
        if view.is_resident and not view.replies:  # as nearly all are: an id is made only where it can be found
            continue
        reply_id = make_reply_id(authorized.account.id, client_id.hex)
        # A head may be wrong of what it knows: who only makes sure puts out no account that is in use.
        reply = view.peek().replies.get(reply_id) if view.may_know(reply_id) else None
        if reply is not None:
            return authorized, reply
    return None


def _same(
    authorized: AuthorizedAccount, reply: Reply, account_id: str, kind: ReplyKind, target: str, text: str
) -> tuple[AuthorizedAccount, Reply]:
    """Return both as they are. Raises Conflict unless it is this text to this target: two accounts may have one id."""
    if (authorized.account.id, reply.kind, reply.target, reply.text) != (account_id, kind, target, text):
        raise Conflict(OTHER_BODY)
    return authorized, reply


def _based_on(authorized: AuthorizedAccount, kind: ReplyKind, given: str) -> str:
    """Return the id of the item, or reply, that the writer saw last; empty: nothing was there. Raises BadRequest."""
    if not given or given in authorized.view.replies:
        return given
    known = authorized.view.find(ITEMS_OF[kind], given)
    if known is None or known not in authorized.view.entries(ITEMS_OF[kind]):
        raise BadRequest("based_on: nothing has this id there")
    return known


def _new_reply(
    principal: Principal,
    authorized: AuthorizedAccount,
    kind: ReplyKind,
    target: str,
    text: str,
    client_id: UUID,
    mode: SendMode,
) -> Reply:
    hub, account, view = get_hub(), authorized.account, authorized.view
    now = hub.clock()
    turn = estimate_turn(view, kind, target, budget_of(account.config), hub.replies.zone, now + HOLD_MS)
    return Reply(
        id=make_reply_id(account.id, client_id.hex),
        client_id=client_id.hex,
        kind=kind,
        target=target,
        thread=_thread(authorized, kind, target),
        text=text,
        mode=mode,
        by=principal.username,
        user_id=str(principal.user_id),
        created_at=now,
        not_before=now + HOLD_MS if turn.at == NEVER else turn.at,
    )


def _thread(authorized: AuthorizedAccount, kind: ReplyKind, target: str) -> str:
    if kind == "work":
        return ""
    entry = authorized.view.comments.get(target) if kind == "comment" else None
    return root_of(entry.item) if entry is not None else target


def _write(authorized: AuthorizedAccount, actor: Actor, change: ReplyWritten) -> tuple[AuthorizedAccount, Reply, bool]:
    done = get_hub().write(authorized.account.id, change, actor)
    after, wanted = replace(authorized, view=done.view), change.reply
    reply = done.view.replies.get(wanted.id)
    if reply is None:
        found = answered_since(done.view, wanted, change.based_on or "") or ""
        collection = ITEMS_OF[wanted.kind] if found in done.view.entries(ITEMS_OF[wanted.kind]) else None
        raise AnsweredMeanwhile(after, (collection, found))
    if not done.changed:  # somebody sent the same request at the same time
        _same(after, reply, after.account.id, wanted.kind, wanted.target, wanted.text)
    return after, reply, done.changed
