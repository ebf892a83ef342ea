"""The hub's side of its workers: who is connected, which logins are under way, and what a connection may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from sync.core.account.view import View
from sync.directory import AccountInfo, Directory, raise_generation
from sync.models import Worker
from sync.protocol.messages import AccountLogout, DataSnapshot
from sync.protocol.times import Clock
from sync.storage.database import in_database
from sync.worker.frame_reader import FrameReader
from sync.worker.login_links import LoginLinks
from sync.worker.logins import LoginTracker
from sync.worker.open_parts import PartBudget
from sync.worker.pairing import PairingCodes
from sync.worker.ports import Limits, Receiver, Replies, WorkerPorts
from sync.worker.presence import PresenceTracker
from sync.worker.session_encryption import SessionUnreadable, load_session, save_session
from sync.worker.snapshot import snapshot_messages

log = structlog.get_logger(__name__)


class WorkerService:
    """Keeps what the hub knows of its workers beside the accounts' data. Lives on the event loop. `clock`: ms UTC.

    `login_listeners` get the id of an account whose login changed.
    """

    def __init__(self, clock: Clock, login_listeners: tuple[Callable[[str], None], ...] = ()) -> None:
        self.presence = PresenceTracker(clock)
        self.logins = LoginTracker(clock, self.presence.order, login_listeners)
        self.login_links = LoginLinks(clock)
        self.pairing = PairingCodes(clock)
        self._clock = clock
        self._limits = Limits(settings.MAX_FRAME_BYTES, settings.MAX_SNAPSHOT_BYTES)
        self._part_budget = PartBudget(self._limits.snapshot_bytes)
        self._frame_reader = FrameReader()

    def make_ports(
        self,
        *,
        receiver: Receiver,
        replies: Replies,
        get_directory: Callable[[], Directory],
        refresh_directory: Callable[[], Awaitable[None]],
        get_view: Callable[[str], View],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        may_give: Callable[[AccountInfo], bool],
        note_coming: Callable[[str], Awaitable[None]] | None,
    ) -> WorkerPorts:
        """Return what a worker's connection may use of the hub."""
        return WorkerPorts(
            clock=self._clock,
            limits=self._limits,
            part_budget=self._part_budget,
            read_large=self._frame_reader.read,
            presence=self.presence,
            receiver=receiver,
            get_directory=get_directory,
            refresh_directory=refresh_directory,
            get_view=get_view,
            load_session=self.load_session,
            save_session=self.save_session,
            make_snapshot=_make_snapshot,
            note_registered=lambda name: spawn(_note_worker(name, self.presence.host_id_of(name))),
            note_login=self.logins.note,
            logins_lost=self.logins.fail,
            spawn=spawn,
            replies=replies,
            may_give=may_give,
            note_coming=note_coming,
        )

    def forget_login(self, account_id: str) -> None:
        """End the login of the account and its link, and have its worker wipe the session."""
        self.logins.forget(account_id)
        self.login_links.end(account_id)
        self.presence.order(account_id, AccountLogout(account_id=account_id))

    async def load_session(self, account_id: str) -> dict[str, Any] | None:
        """Return the stored browser session of the account; None without one that this key opens."""
        try:
            return await in_database(load_session, account_id)
        except SessionUnreadable:
            log.warning("the stored session was sealed with another key", account=account_id)
            return None

    async def save_session(self, account_id: str, storage_state: dict[str, Any]) -> None:
        """Store the browser session of the account. Durable when it returns."""
        await in_database(save_session, account_id, storage_state)

    def close(self) -> None:
        """Let go of the thread that reads large frames."""
        self._frame_reader.close()


async def _make_snapshot(view: View, platform: str, max_bytes: int) -> list[DataSnapshot]:
    """Return the messages of a snapshot, made in a thread: an account may be megabytes."""
    return await in_database(snapshot_messages, view, platform, max_bytes)  # which has to read the body, maybe


async def _note_worker(name: str, host_id: str) -> None:
    """Note in the database that the worker was here, and on which machine."""
    await in_database(_note, name, host_id)


def _note(name: str, host_id: str) -> None:
    rows = Worker.objects.filter(name=name)
    rows.update(last_seen_at=Now())
    with transaction.atomic():
        if rows.exclude(host_id=host_id).update(host_id=host_id):
            raise_generation()
