"""A reply: what a person wrote here for the platform, and how far it has come."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

ReplyState = Literal["held", "queued", "typing", "pressing", "sent", "refused", "unknown", "failed", "cancelled"]
ReplyKind = Literal["message", "comment", "work"]
SendMode = Literal["window", "send"]
Evidence = Literal["response", "memory", "list", "snapshot"]

UNFINISHED: Final[frozenset[ReplyState]] = frozenset({"held", "queued", "typing", "pressing"})
IN_FLIGHT: Final[frozenset[ReplyState]] = frozenset({"typing", "pressing"})
UNSETTLED: Final[frozenset[ReplyState]] = frozenset({"pressing", "unknown"})
"""A message that is seen again may still confirm these."""
RETRIABLE: Final[frozenset[ReplyState]] = frozenset({"failed", "refused", "unknown"})
STOPS: Final = frozenset({"check", "risk", "kicked"})
"""Reasons after which nothing goes out of the account until a person says so."""

HOLD_MS: Final = 5_000
MAX_CHARS: Final = 500
KEEP_MS: Final = 30 * 86_400_000
"""How long a reply that ended is kept. The mark on its message stays."""

_PREFIX: Final = "repl_"
_UUID_CHARS: Final = 32


class Reason(Struct, frozen=True, gc=False):
    """Why a reply ended so. `code` is for programs; `text`: in the platform's or the worker's own words."""

    code: str
    text: str = ""


class Reply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reply. Times are ms UTC, by the hub's clock.

    `target`: id of the conversation, comment or work. `thread`: id of the inbox row that it belongs to, empty for a
    work. `number`: the account's version that brought it; replies go in this order. `by`, `user_id`: who wrote it.
    `not_before`: about when it goes. `attempt`: how often it was given to a worker; `worker`, `lease_epoch`: to whom at
    last. `pressed_at`, `pressed_version`: when the worker was permitted to press, and the account's version then.
    `known`: ids of own items of the same text that the worker saw then. `deadline`: of typing or pressing.
    `confirmed_id`: of the item that is the evidence. `retry_of`: id of the reply that this one tries again.
    """

    id: str
    client_id: str
    kind: ReplyKind
    target: str
    thread: str = ""
    text: str
    mode: SendMode
    state: ReplyState = "held"
    number: int = 0
    by: str = ""
    user_id: str = ""
    retry_of: str = ""
    created_at: int
    not_before: int
    attempt: int = 0
    worker: str = ""
    lease_epoch: int = 0
    pressed_at: int | None = None
    pressed_version: int = 0
    known: tuple[str, ...] = ()
    deadline: int | None = None
    ended_at: int | None = None
    reason: Reason | None = None
    confirmed_id: str | None = None
    evidence: Evidence | None = None

    @property
    def is_unfinished(self) -> bool:
        """Return whether it is still on its way."""
        return self.state in UNFINISHED


def make_reply_id(account_id: str, client_id: str) -> str:
    """Return the id of the reply that a client calls `client_id` (the 32 hex digits of a UUID)."""
    return f"{_PREFIX}{account_id}_{client_id}"


def account_of_reply(reply_id: str) -> str | None:
    """Return the id of the account that a reply of this id belongs to; None if it is no such id."""
    rest = reply_id.removeprefix(_PREFIX)
    account_id, _, client_id = rest.rpartition("_")
    return account_id if rest != reply_id and account_id and len(client_id) == _UUID_CHARS else None
