"""Notes on people. A person needs no item: what was written of somebody stays when his messages are gone."""

from __future__ import annotations

import msgspec

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.scope import Reading, check_may_write, get_reading
from sync.core.changes import Noted
from sync.jobs import Actor
from sync.protocol.ids import MAX_ID_LENGTH


def get_noted(principal: Principal, account_id: str, user_id: str) -> Reading:
    """The account that the note is in. Raises NotFound, also for what is nobody's id."""
    if len(user_id) > MAX_ID_LENGTH or "\0" in user_id:
        raise NotFound("Person not found")
    return get_reading(principal, account_id)


def write_note(principal: Principal, actor: Actor, account_id: str, user_id: str, text: str) -> Reading:
    """An empty text removes the note. Raises NotFound, Forbidden, BadRequest, HubBusy."""
    reading = get_noted(principal, account_id, user_id)
    check_may_write([reading])
    if "\0" in text:
        raise BadRequest("text: must not contain the character NUL")
    done = reading.hub.write(reading.account.id, Noted(user_id=user_id, text=text, by=principal.username), actor)
    return msgspec.structs.replace(reading, view=done.view)
