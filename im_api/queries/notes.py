"""Notes on people. A person needs no item: what was written of somebody stays when his messages are gone."""

from __future__ import annotations

from typing import Final

import msgspec

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.loop import leave_the_loop
from im_api.queries.scope import Reading, check_may_write, get_reading
from sync.core.account.people import has_conversation, person_of
from sync.core.change import changes
from sync.protocol.ids import MAX_ID_LENGTH
from sync.storage.records import Actor

MANY: Final = 2_000

Noted = tuple[Reading, str]
"""The account, and the id of the person there."""


def get_noted(principal: Principal, account_id: str, user_id: str) -> Noted:
    """`user_id`: as any item of the account names the person. Raises NotFound, also for what is nobody's id."""
    if len(user_id) > MAX_ID_LENGTH or "\0" in user_id:
        raise NotFound("Person not found")
    reading = get_reading(principal, account_id)
    if len(reading.view.comments) > MANY and not has_conversation(reading.view, user_id):
        leave_the_loop("to find a person is to look at all comments")
    return reading, person_of(reading.view, user_id)


def write_note(principal: Principal, actor: Actor, account_id: str, user_id: str, text: str) -> Noted:
    """An empty text removes the note. Raises NotFound, Forbidden, BadRequest, HubBusy."""
    reading, person = get_noted(principal, account_id, user_id)
    check_may_write([reading])
    if "\0" in text:
        raise BadRequest("text: must not contain the character NUL")
    done = reading.hub.write(reading.account.id, changes.Noted(user_id=person, text=text, by=principal.username), actor)
    return msgspec.structs.replace(reading, view=done.view), person
