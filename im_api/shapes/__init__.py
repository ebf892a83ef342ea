"""The items as clients see them: the only place that knows clients' JSON keys.

Each module defines Structs, which are the definition of every answer, and the functions that make them.
Times are ms UTC. Null means unknown: no name, time or count is ever made up.

    common.py         the envelope, people, counts
    accounts.py       user
    conversations.py  conversation, message
    works.py          work, discussion, notification
    feed.py           unified row
    threads.py        thread
    notes.py          note on a person
    replies.py        saved reply
    sending.py        reply that a worker sends
    logins.py         login that is going on, link to hand it on
    pairing.py        computer that becomes a worker by a code
    coverage.py       when an account was observed
    status.py         the hub itself
    rendered.py       rows as bytes, kept from one answer to the next
    answers.py        answers that are no item; requests.py: bodies; query_strings.py: query strings
"""

from im_api.shapes.accounts import UserShape, user
from im_api.shapes.common import Counts, Envelope, Failure, Stats, counts, stats
from im_api.shapes.conversations import (
    ConversationShape,
    MessageShape,
    conversation,
    message,
    rendered_conversation,
    rendered_message,
)
from im_api.shapes.feed import UnifiedRow, rendered_unified_row, unified_row
from im_api.shapes.notes import NoteShape, note
from im_api.shapes.replies import SavedReplyShape, saved_reply
from im_api.shapes.sending import ReplyShape, reply, sending
from im_api.shapes.status import StatusAnswer, status
from im_api.shapes.threads import ThreadShape, rendered_thread, thread
from im_api.shapes.works import (
    DiscussionShape,
    NotificationShape,
    WorkShape,
    discussion,
    notification,
    rendered_discussion,
    work,
)

__all__ = [
    "ConversationShape",
    "Counts",
    "DiscussionShape",
    "Envelope",
    "Failure",
    "MessageShape",
    "NoteShape",
    "NotificationShape",
    "ReplyShape",
    "SavedReplyShape",
    "Stats",
    "StatusAnswer",
    "ThreadShape",
    "UnifiedRow",
    "UserShape",
    "WorkShape",
    "conversation",
    "counts",
    "discussion",
    "message",
    "note",
    "notification",
    "rendered_conversation",
    "rendered_discussion",
    "rendered_message",
    "rendered_thread",
    "rendered_unified_row",
    "reply",
    "saved_reply",
    "sending",
    "stats",
    "status",
    "thread",
    "unified_row",
    "user",
    "work",
]
