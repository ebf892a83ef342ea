"""The changes that an account takes. Everything that changes an account is one of these."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from sync.core.account.entries import Report
from sync.core.account.inbox_rows import FeedKind
from sync.core.replies.reply import Reply
from sync.core.replies.steps import ReplyStep
from sync.core.rules import Rules
from sync.protocol.items import Collection, Item, MessageStatus

Action = Literal[
    "read", "unread", "pin", "unpin", "mute", "unmute", "delete", "restore", "recall", "status", "done", "undone"
]


class Sync(Struct, frozen=True, kw_only=True):
    """A snapshot or delta of a worker, validated: references resolved, times normalised.

    Collections in `merge` are merged by id, the others of `items` replace. `kept`: ids whose new version was
    invalid, so that the stored one stays. `doubtful`: collections with a broken item that nothing names; it may be
    any of those that seem to be missing.
    """

    items: Mapping[Collection, list[Item]]
    merge: frozenset[Collection] = frozenset()
    removed: Mapping[Collection, list[str]] = {}
    cleared: frozenset[Collection] = frozenset()
    kept: Mapping[Collection, frozenset[str]] = {}
    doubtful: frozenset[Collection] = frozenset()


class Reported(Struct, frozen=True, kw_only=True):
    """A worker's report on the account itself."""

    report: Report


class Cleared(Struct, frozen=True, kw_only=True):
    """The owner throws away all data of the account; its history starts again."""

    epoch: str


class EpochRenewed(Struct, frozen=True, kw_only=True):
    """The account's events are not those that clients were told of any more; its data stays."""

    epoch: str


class OwnerChanged(Struct, frozen=True, kw_only=True):
    """The owner changed what clients see of the account and the core does not hold. `at`: ms UTC."""

    at: int


class RulesChanged(Struct, frozen=True, kw_only=True):
    """The owner changed the rules of who waits for a reply; every conversation and thread is judged anew."""

    rules: Rules


class Operated(Struct, frozen=True, kw_only=True):
    """An operator's word on items of one kind. Ids that name nothing are passed over.

    `status` is given with the action of that name; `by`: the name of the operator. Reading a work reads the comments
    under it; what is done with a comment is done with those who wait under it.
    """

    action: Action
    collection: Collection
    ids: tuple[str, ...]
    status: MessageStatus | None = None
    by: str = ""


class ReadBefore(Struct, frozen=True, kw_only=True):
    """Everything of these kinds up to `before` (ms UTC, inclusive) is read; at most `limit` unread items at once."""

    before: int
    kinds: frozenset[FeedKind]
    limit: int = 2_000
    by: str = ""


class ConversationCreated(Struct, frozen=True, kw_only=True):
    """An operator opens a conversation with somebody who has none yet.

    The platform's conversation with the same `user_id` adopts it when it comes.
    """

    user_id: str
    user_name: str | None = None


class Noted(Struct, frozen=True, kw_only=True):
    """An operator writes a note on a person, known or not. An empty `text` removes the note. `by`: as in `Operated`."""

    user_id: str
    text: str
    by: str = ""


class ReplyWritten(Struct, frozen=True, kw_only=True):
    """An operator writes a reply. Nothing happens where one of its id is there, or somebody else answered meanwhile.

    `reply`: without its number. `based_on`: the id of the newest item, or reply, of its thread that the writer saw;
    None: whatever there is now. A reply that tries another one again names that.
    """

    reply: Reply
    based_on: str | None = None


class ReplyMoved(Struct, frozen=True, kw_only=True):
    """Something happens to a reply: a person's word, a worker's, or the time."""

    reply_id: str
    step: ReplyStep


OperatorChange = Operated | ReadBefore | ConversationCreated | Noted
ReplyChange = ReplyWritten | ReplyMoved
Change = ReplyChange | Sync | Reported | Cleared | EpochRenewed | OwnerChanged | RulesChanged | OperatorChange
