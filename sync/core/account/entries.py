"""Entries of a view: items with what the hub knows of them, and the worker's last report on the account."""

from typing import Generic, TypeVar

from msgspec import Struct, field

from sync.protocol.items import Item
from sync.protocol.messages import LoginStatus, Profile, WorkerStatus

T = TypeVar("T", bound=Item, covariant=True)


class Entry(Struct, Generic[T], frozen=True, omit_defaults=True):
    """An item and what the hub knows of it.

    `first_seen`: ms UTC, the hub's clock. `first_version`: the account's version that brought it. `first_unread`: the
    platform's unread count when a conversation was first stored. `operator_created`: an operator created the
    conversation; stored as `made`.
    """

    item: T
    first_seen: int
    first_version: int
    first_unread: int = 0
    operator_created: bool = field(default=False, name="made")


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The worker's last report on the account itself."""

    login_status: LoginStatus = "unknown"
    worker_status: WorkerStatus | None = None
    profile: Profile = Profile()
