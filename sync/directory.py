"""Accounts and workers as an immutable value in memory, with a generation in the database.

Whoever writes an account, a worker, a token or a grant raises the generation in the same transaction. The hub applies
its own changes at once and looks for those of other processes every POLL_S seconds, off the request path.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Literal, cast

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from msgspec import Struct

from sync.core.closing_words import DEFAULT_CLOSING_WORDS
from sync.core.rules import Rules
from sync.models import Account, Generation, HubSettings, Worker

POLL_S: Final = 0.25

AccountStatus = Literal["active", "inactive", "pending", "banned"]

changed_here = Signal()
"""Sent after the commit of a change of the directory that this process made, in the thread that made it."""


def hash_token(token: str) -> str:
    """Return what is stored of a token of any kind: its SHA-256, hex. Tokens are random, so a plain hash is enough."""
    return sha256(token.encode()).hexdigest()


class AccountInfo(Struct, frozen=True, kw_only=True):
    """The owner's facts of an account. Times are ms UTC. `moved_at`: when a worker lost it last, 0 for never."""

    id: str
    platform: str
    name: str
    platform_user_id: str | None
    status: AccountStatus
    worker: str | None
    lease_epoch: int
    alias: str | None
    group: str | None
    color: str | None
    config: Mapping[str, Any]
    created_at: int
    updated_at: int
    moved_at: int = 0

    @property
    def paused(self) -> bool:
        """Return whether the owner's switch keeps the account from being crawled."""
        return self.status != "active"


class WorkerInfo(Struct, frozen=True, kw_only=True):
    """The owner's facts of a worker. `max_accounts`: how many it may crawl at once, 0 for no limit. `has_come`: it was
    connected at least once before this directory was loaded. `label`: what people call its computer, empty for none.
    `host_id`: the machine where it was last, empty if nobody knows."""

    name: str
    token_hash: str
    max_accounts: int
    has_come: bool = True
    label: str = ""
    host_id: str = ""


class Directory(Struct, frozen=True, kw_only=True):
    """All accounts by id, all workers by name and the owner's settings, as one generation of the database had them."""

    generation: int = 0
    accounts: Mapping[str, AccountInfo] = {}
    workers: Mapping[str, WorkerInfo] = {}
    closing_words: tuple[str, ...] = DEFAULT_CLOSING_WORDS

    def worker_by_token_hash(self, token_hash: str) -> WorkerInfo | None:
        """Return the worker whose token has this hash, or None."""
        return next((w for w in self.workers.values() if w.token_hash == token_hash), None)

    def rules_of(self, account: AccountInfo) -> Rules:
        """Return the owner's rules of who waits in the account."""
        said = account.config.get
        return Rules(
            closing_words=self.closing_words,
            fans_count=said("fans_count") is True,
            count_automatic=said("count_automatic") is True,
        )

    def accounts_of(self, worker: str) -> list[AccountInfo]:
        """Return the accounts that the worker is to crawl, in the order in which they get its places."""
        mine = [a for a in self.accounts.values() if a.worker == worker and not a.paused]
        return sorted(mine, key=lambda account: (account.created_at, account.id))


def load_directory() -> Directory:
    """Return the directory as the database has it."""
    generation = get_generation()
    return Directory(
        generation=generation,
        accounts={a.pk: _account(a) for a in Account.objects.select_related("worker")},
        workers={
            w.name: WorkerInfo(
                name=w.name,
                token_hash=w.token_hash,
                max_accounts=w.max_accounts,
                has_come=w.last_seen_at is not None,
                label=w.label,
                host_id=w.host_id,
            )
            for w in Worker.objects.all()
        },
        closing_words=load_closing_words(),
    )


def load_closing_words() -> tuple[str, ...]:
    """Return the closing words that count, as the database has them."""
    stored = HubSettings.objects.filter(pk=HubSettings.ONLY).values_list("closing_words", flat=True).first()
    return DEFAULT_CLOSING_WORDS if stored is None else tuple(stored)


def _account(row: Account) -> AccountInfo:
    return AccountInfo(
        id=row.pk,
        platform=row.platform,
        name=row.name,
        platform_user_id=row.platform_user_id or None,
        status=cast(AccountStatus, row.status),
        worker=row.worker.name if row.worker else None,
        lease_epoch=row.lease_epoch,
        alias=row.alias or None,
        group=row.group or None,
        color=row.color or None,
        config=row.config,
        created_at=int(row.created_at.timestamp() * 1000),
        updated_at=int(row.updated_at.timestamp() * 1000),
        moved_at=row.moved_at,
    )


def get_generation() -> int:
    """Return the generation that the database has; 0 before the first change."""
    return Generation.objects.filter(pk=Generation.ONLY).values_list("value", flat=True).first() or 0


def raise_generation() -> None:
    """Raise the generation. Call it in the transaction that changes an account, a worker, a token or a grant."""
    only = Generation.objects.filter(pk=Generation.ONLY)
    if not only.update(value=F("value") + 1):
        _, made = Generation.objects.get_or_create(pk=Generation.ONLY, defaults={"value": 1})
        if not made:  # by another transaction, meanwhile
            only.update(value=F("value") + 1)
    transaction.on_commit(_notify)


def _notify() -> None:
    changed_here.send(sender=Directory)
