"""The values that the storage takes beside a change: who made it, what it was applied to, what a worker observed."""

from __future__ import annotations

from typing import Final, NamedTuple

from sync.core.change.delta import LogRow
from sync.protocol.messages import WireObservation


class Actor(NamedTuple):
    """The author of a change: `user:<name>` or `worker:<name>`. `origin`: from where, in words for people."""

    name: str
    origin: str = ""


USER: Final = "user:"
"""Before the name of a user, in the name of an actor."""


def format_origin(means: str, address: str) -> str:
    """Return the `origin` of an actor: the means ("browser", "admin", "token phone") and the IP address, if known."""
    return f"{means}, {address or 'unknown'}"


class BaseVersion(NamedTuple):
    """The version that a job was applied to. `lease_epoch`: None for the owner's own changes."""

    account_id: str
    version: int
    lease_epoch: int | None


class PendingRow(NamedTuple):
    """A row of the change log that is still to be committed. `lease_epoch`: as in `BaseVersion`."""

    row: LogRow
    actor: Actor
    lease_epoch: int | None


class Observed(NamedTuple):
    """The observations that a worker reported at once. `at`: when they came in, ms UTC, the hub's clock."""

    account_id: str
    observations: list[WireObservation]
    at: int
