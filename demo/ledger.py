"""Keeps what the pages of this platform sent, and what of it arrived: the truth that others are compared with. Pure."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from demo.switches import SendOutcome, SentKind


class Sending(Struct, frozen=True, kw_only=True):
    """One request of a page that sent something. `at_ms` is ms UTC; `id`: of the message or comment that it made.

    `arrived`: those whom it was for have it. `to_uid`: the person, of a message or of the comment that it answers;
    empty for a group and for a comment on a work. `client_id`: the id that the page gave a message.
    """

    account: str
    kind: SentKind
    text: str
    at_ms: int
    request: str
    outcome: SendOutcome
    arrived: bool
    id: str = ""
    client_id: str = ""
    conversation_id: str = ""
    to_uid: str = ""
    aweme_id: str = ""
    cid: str = ""

    @property
    def target(self) -> str:
        """Return the id of what was answered: a conversation, a comment or a work."""
        return self.conversation_id or self.cid or self.aweme_id


class Ledger:
    """All that was sent from pages since the start, the oldest first."""

    def __init__(self) -> None:
        self.sendings: list[Sending] = []

    def note(self, sending: Sending) -> None:
        """Add one more."""
        self.sendings.append(sending)

    def list_arrived(self, account: str = "") -> list[Sending]:
        """Return what arrived, of one account or of all."""
        return [one for one in self.sendings if one.arrived and account in ("", one.account)]

    def list_repeated(self) -> list[Sending]:
        """Return what arrived and had arrived before: the same text at the same place, from the same account."""
        return list(_repeated(self.list_arrived()))


def _repeated(sendings: Iterable[Sending]) -> Iterable[Sending]:
    seen: Counter[tuple[str, str, str]] = Counter()
    for one in sendings:
        key = (one.account, one.target, one.text)
        if seen[key]:
            yield one
        seen[key] += 1
