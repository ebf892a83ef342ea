"""A delta: what a change did, resolved. It is the body of a row of the change log and of a checkpoint.

Nothing in it depends on a clock or on a rule: it leads to the same view on every hub and at every start. Stored keys
are older than some attribute names.
"""

from typing import Any

import msgspec
from msgspec import Struct, field

from sync.core.account.entries import Entry, RemovedItem, Report
from sync.core.account.marks import ItemMark, Mark, MarkKind
from sync.core.account.view import View
from sync.core.replies.reply import Reply
from sync.core.rules import DEFAULT_RULES, Rules
from sync.protocol.items import COLLECTIONS, Collection, Comment, Content, Conversation, Item, Message, Notification


class Event(Struct, frozen=True, array_like=True):
    """An event that clients are notified of.

    `kind`: as in the push contract (`message.created`, ...). `id`: of the item that it is about ("" for the account).
    """

    kind: str
    id: str = ""


class Delta(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The effect of a change on an account.

    `reset`: everything before is thrown away first. `epoch`, `started_at`, `started_clock`, `started_version`,
    `owner_at`, `rules`: set if not None; a later change lowers the start and the clock that it was taken from. The
    lists of entries are stored, `removed` is taken away, `marks` are set. `adopted` (stored as `met`): id of an
    operator-created conversation -> id of the platform's, which took its place. `removed_items`: of a checkpoint, what
    is remembered of items that are gone. `action`: what the operator did, in the words of `Operated`, `read_before`,
    `make`, `note`, `unnote`, `reply`, `retry_reply` or `cancel_reply`. `events`: those that clients are notified of.
    `replies` are stored, `dropped_replies` (ids) forgotten.
    """

    reset: bool = False
    epoch: str | None = None
    started_at: int | None = None
    started_clock: int | None = None
    started_version: int | None = None
    conversations: list[Entry[Conversation]] = []
    messages: list[Entry[Message]] = []
    contents: list[Entry[Content]] = []
    comments: list[Entry[Comment]] = []
    notifications: list[Entry[Notification]] = []
    removed: dict[Collection, list[str]] = {}
    marks: list[ItemMark] = []
    adopted: dict[str, str] = field(default_factory=dict, name="met")
    report: Report | None = None
    owner_at: int | None = None
    rules: Rules | None = None
    removed_items: list[RemovedItem] = []
    action: str = ""
    events: list[Event] = []
    replies: list[Reply] = []
    dropped_replies: list[str] = []

    def upserts(self, collection: Collection) -> list[Entry[Item]]:
        """Return the entries of a kind that the delta stores."""
        entries: list[Entry[Item]] = getattr(self, collection)
        return entries

    @property
    def empty(self) -> bool:
        """True if the delta changes nothing."""
        return (
            not self.reset
            and self.epoch is None
            and self.report is None
            and self.owner_at is None
            and self.rules is None
            and self.started_at is None
            and self.started_clock is None
            and not any(self.removed.values())
            and not any(self.upserts(name) for name in COLLECTIONS)
            and not self.marks
            and not self.adopted
            and not self.replies
            and not self.dropped_replies
        )


def as_delta(view: View) -> Delta:
    """Return the whole view as the delta that makes it out of nothing (the body of a checkpoint)."""
    lists: dict[str, Any] = {
        name: sorted(view.entries(name).values(), key=lambda entry: entry.item.id) for name in COLLECTIONS
    }
    return Delta(
        reset=True,
        epoch=view.epoch,
        started_at=view.started_at,
        started_clock=view.started_clock,
        started_version=view.started_version,
        report=view.report,
        owner_at=view.owner_at,
        rules=view.rules if view.rules != DEFAULT_RULES else None,
        marks=[ItemMark(name, item_id, mark) for (name, item_id), mark in sorted(view.marks.items(), key=_by_key)],
        adopted=dict(sorted(view.adopted.items())),
        removed_items=[view.removed_items.by_id[key[1:]] for key in view.removed_items.order],
        replies=[reply for _, reply in sorted(view.replies.items())],
        **lists,
    )


def _by_key(marked: tuple[tuple[MarkKind, str], Mark]) -> tuple[str, str]:
    return marked[0]


class LogRow(Struct, frozen=True, kw_only=True):
    """A row of the change log. `seq_from`..`seq_to`: the numbers of its events (`seq_from > seq_to`: none); `at`: ms
    UTC.
    """

    account_id: str
    version: int
    seq_from: int
    seq_to: int
    at: int
    body: Delta


_decoder = msgspec.json.Decoder(Delta)
_encoder = msgspec.json.Encoder()


def encode_delta(delta: Delta) -> bytes:
    """Return the delta as JSON."""
    return _encoder.encode(delta)


def decode_delta(body: bytes) -> Delta:
    """Return the delta of a JSON text. Raises msgspec.MsgspecError with the place of the fault."""
    try:
        return _decoder.decode(body)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
