"""A person across conversations and comments, and the notes on people.

A person needs no item: what was written of somebody stays when his messages are gone.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

import msgspec

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.event_loop import require_thread
from im_api.queries.scope import AuthorizedAccount, check_may_write, get_authorized, list_authorized
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.marks import Mark
from sync.core.account.people import has_conversation, person_of
from sync.core.change import changes
from sync.hub import get_hub
from sync.protocol.ids import MAX_ID_LENGTH, make_id
from sync.protocol.items import Collection, Comment
from sync.storage.records import Actor

LOOKED_AT: Final = 5_000
"""Comments of an account, the newest: somebody's older ones are not looked for."""
MANY: Final = 2_000

FoundPerson = tuple[AuthorizedAccount, str]
"""The account, and the id of the person there."""


def list_other_conversations(
    principal: Principal, authorized: AuthorizedAccount, user_id: str
) -> list[tuple[AuthorizedAccount, ConversationState]]:
    """Return the same person's conversations with other accounts that `principal` may see."""
    found = []
    for other in list_authorized(principal):
        thread_id = make_id("conversations", other.account.id, user_id)
        is_other = other.account.id != authorized.account.id and other.account.platform == authorized.account.platform
        if not is_other or not other.view.may_know(thread_id):
            continue
        thread = other.view.peek().conversation_states.get(thread_id)
        if thread is not None and not thread.hidden:
            found.append((other, thread))
    return found


def list_comments_of(authorized: AuthorizedAccount, user_id: str, most: int) -> list[Entry[Comment]]:
    """Return the person's newest comments, `most` of them, newest first. `user_id`: by either id that comments know."""
    view = authorized.view
    recent = (view.comments[key[-1]] for key in islice(view.comment_order, LOOKED_AT))
    theirs = (entry for entry in recent if user_id in (entry.item.author_sec_id, entry.item.author_id))
    return list(islice(theirs, most))


def get_mark(authorized: AuthorizedAccount, collection: Collection, item_id: str) -> Mark:
    """Return what operators did to an item: an empty mark if nothing."""
    return authorized.view.mark(collection, item_id)


def find_person(principal: Principal, account_id: str, user_id: str) -> FoundPerson:
    """Return the account, and the id under which it knows the person.

    `user_id`: as any item of the account names the person. Raises NotFound, also for what is nobody's id.
    """
    if len(user_id) > MAX_ID_LENGTH or "\0" in user_id:
        raise NotFound("Person not found")
    authorized = get_authorized(principal, account_id)
    if len(authorized.view.comments) > MANY and not has_conversation(authorized.view, user_id):
        require_thread("to find a person is to look at all comments")
    return authorized, person_of(authorized.view, user_id)


def write_note(principal: Principal, actor: Actor, account_id: str, user_id: str, text: str) -> FoundPerson:
    """Write a note on a person; an empty text removes it. Raises NotFound, Forbidden, BadRequest, HubBusy."""
    authorized, person = find_person(principal, account_id, user_id)
    check_may_write([authorized])
    if "\0" in text:
        raise BadRequest("text: must not contain the character NUL")
    done = get_hub().write(
        authorized.account.id, changes.Noted(user_id=person, text=text, by=principal.username), actor
    )
    return msgspec.structs.replace(authorized, view=done.view), person
