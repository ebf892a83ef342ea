"""Puts the bodies of accounts out of memory, and reads them again."""

from __future__ import annotations

import asyncio
import ctypes
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Lock
from typing import Any, Final

import psutil
import structlog
from django.core.exceptions import SynchronousOnlyOperation
from django.db import Error

from sync.body_memory import weigh
from sync.core.account.view import View
from sync.core.heads.evicted_view import EvictedView, evict
from sync.models import Account
from sync.storage.change_log import ChangeLog, without_collector
from sync.storage.database import in_database
from sync.storage.errors import BodyGone, Damaged
from sync.storage.heads import read_heads
from sync.store import DataStore

log = structlog.get_logger(__name__)

AT_ONCE: Final = 8
"""Bodies that go before others get the thread."""

OnLoop = Callable[[Callable[[], None]], None]
Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Bodies:
    """Keeps what a store holds within its bound. `on_loop` calls a function where views are published, and does not
    wait for it; `spawn` runs a coroutine there.

    A body goes only once its image is stored at its very version; so nothing is lost, and nothing but that is read.
    """

    def __init__(self, store: DataStore, on_loop: OnLoop, spawn: Spawn) -> None:
        self._store = store
        self._on_loop = on_loop
        self._spawn = spawn
        self._log = ChangeLog()
        self._reading = Lock()
        self._empty_process = 0
        self._puts_out = False

    # -- at the start and at the end

    def load_all(self) -> list[View]:
        """Return every account by its head, and whole where no head is stored: its image is written, so that the next
        start finds one. Raises Damaged.
        """
        views, held = [], 0
        with without_collector():
            heads = read_heads(self._store.new_view, self.read)
            for account_id in Account.objects.values_list("pk", flat=True):
                view = heads.get(account_id) or self._log.load(account_id, self._store.new_view)
                if view.is_resident and view.version:
                    held += weigh(view.totals)
                    view = self._as_kept(view, held > self._store.bodies.limit)
                views.append(view)
        return views

    def load_heads(self) -> dict[str, EvictedView]:
        """Return the heads that are stored, by account."""
        return read_heads(self._store.new_view, self.read)

    async def bring_all(self) -> None:
        """Read the bodies that the start left out, unless memory is limited. After each it rests as long as that took,
        so that whoever asks meanwhile gets his turn.
        """
        for account_id in self._store.account_ids() if not self._store.bodies.limit else ():
            view, began = self._store.get_view(account_id), time.perf_counter()
            if view.is_resident:
                continue
            try:
                await in_database(view.whole)
            except (BodyGone, Error) as error:  # whoever asks for it is told
                log.warning("the body of an account was not read", account=account_id, reason=str(error))
            await asyncio.sleep(time.perf_counter() - began)

    def _as_kept(self, view: View, is_over: bool) -> View:
        try:
            if view.may_be_evicted:  # also where there is an image: it is of other code, or its head is damaged
                self._log.write_checkpoint(view)
            return evict(view, self.read) if self._store_image(view) and is_over and view.may_be_evicted else view
        except Error as error:
            log.warning("the image of an account could not be written", account=view.account_id, reason=str(error))
            return view

    def store_images(self, seconds: float) -> None:
        """Store the images that are missing, as many as can be in so many seconds: the next start is the faster."""
        end = time.monotonic() + seconds
        images = self._log.list_images()
        for account_id in self._store.account_ids():
            view = self._store.get_view(account_id)
            if view.is_resident and view.version and images.get(account_id) != view.version:
                if time.monotonic() > end:
                    return
                self._store_image(view)

    # -- reading

    def read(self, head: EvictedView, *, keep: bool) -> View:
        """Return the view of a head. `keep`: it stays in memory.

        Raises BodyGone and what the database does; SynchronousOnlyOperation on an event loop, so that Django answers
        the request in a thread.
        """
        if _is_on_loop():
            raise SynchronousOnlyOperation("the account is out of memory")
        with self._reading:  # two that need the same body read it once
            view = head.body.view or self._read(head)
            if keep:
                head.body.view = view
        if keep:
            self._on_loop(lambda: self._put_back(head))
        return view

    def _put_back(self, head: EvictedView) -> None:
        self._store.put_back(head)
        self.put_out_soon()

    def _read(self, head: EvictedView) -> View:
        began = time.perf_counter()
        try:
            view = self._log.load_version(head, self._store.new_view)
        except Damaged as error:
            if self._store.get_view(head.account_id) is head:
                log.error("the body of an account cannot be read", account=head.account_id, reason=str(error))
            raise BodyGone(str(error)) from error
        self._store.bodies.note_read(time.perf_counter() - began)
        return view

    # -- putting out

    def put_out_soon(self) -> None:
        """Begin to put bodies out of memory if they are too many. Nobody waits for it. Call it on the event loop."""
        if self._store.bodies.is_over and not self._puts_out:
            self._puts_out = True
            self._spawn(self._put_all_out())

    async def _put_all_out(self) -> None:
        try:
            while await in_database(self.put_out):
                pass
        finally:
            self._puts_out = False

    def put_out(self) -> bool:
        """Put some bodies out that are too many. Return whether to go on. Call it from a thread with a database."""
        waiting = self._store.bodies.list_too_many()
        gone = [self.put_out_account(account_id) for account_id in waiting[:AT_ONCE]]
        return len(waiting) > AT_ONCE and any(gone)

    def put_out_account(self, account_id: str) -> bool:
        """Put this body out, once its image is stored. Return False if that cannot be now: others go before it then."""
        view = self._store.get_view(account_id)
        if not view.is_resident or not view.may_be_evicted:
            self._store.bodies.used(account_id)
            return False
        self._store.bodies.left(account_id)
        try:
            stored = self._store_image(view)
        except Error:
            stored = False
        if stored:
            head = self._head_of(view)  # here, since it takes long: to make one is to look at every id
            self._on_loop(lambda: self._store.evict(view, head))
        else:
            self._on_loop(lambda: self._store.keep_body(account_id))
        return stored

    def _head_of(self, view: View) -> EvictedView:
        return view if isinstance(view, EvictedView) else self._store.find_head(view) or evict(view, self.read)

    def _store_image(self, view: View) -> bool:
        if self._log.has_image(view):
            return True
        self._log.write_checkpoint(view.whole())
        return self._log.has_image(view)

    # -- the process

    def note_empty(self) -> None:
        """Take notice of what the process takes without any account."""
        self._empty_process = _resident_bytes()

    def look(self) -> None:
        """Compare with what the process really takes. A chore: call it every few seconds, in a thread."""
        if not self._store.bodies.limit:
            return
        if _resident_bytes() - self._empty_process > self._store.bodies.limit:
            give_back()
        self._store.bodies.note_process(_resident_bytes() - self._empty_process)


def give_back() -> None:
    """Give freed memory back to the system, where the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _resident_bytes() -> int:
    size: int = psutil.Process().memory_info().rss
    return size


def _is_on_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
