"""Every route, declared: `METHOD path`, the path as in im_api/route_table.py."""

from typing import Final

from im_api.openapi.describe import Operation
from im_api.openapi.routes import accounts, conversations, feed, general, inbox, messages, people, sending, works

OPERATIONS: Final[dict[str, Operation]] = {
    **general.OPERATIONS,
    **accounts.OPERATIONS,
    **conversations.OPERATIONS,
    **messages.OPERATIONS,
    **works.OPERATIONS,
    **feed.OPERATIONS,
    **inbox.OPERATIONS,
    **people.OPERATIONS,
    **sending.OPERATIONS,
}
