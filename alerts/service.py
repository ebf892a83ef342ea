"""The task of the hub that tells people and programs: looks, follows, delivers, gives a sign of life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction

from alerts import book
from alerts.core.decide import Message, decide
from alerts.courier import Courier
from alerts.facts import FactReader
from alerts.follow import hand_over
from alerts.models import Destination
from alerts.sending.daemon import in_daemon
from alerts.sending.failed import SendFailed
from alerts.sending.program import send_sign_of_life
from alerts.words import say
from im_api.access import get_access
from sync.hub import get_hub
from sync.hub_errors import HubNotReady
from sync.protocol.times import Clock
from sync.storage.database import in_database
from sync.storage.database_errors import keep_going
from sync.writing.jobs import Published

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 10
DELIVER_EVERY_S: Final = 2
PRUNE_EVERY_S: Final = 600
FOLLOW_EVERY_S: Final = 0.5
"""What happens meanwhile is read at once."""
LOOK_ANYWAY_S: Final = 30
SIGN_EVERY_S: Final = 60
SIGN_TIMEOUT_S: Final = 20


class AlertService:
    """Runs beside the hub, on its event loop; what waits does so in threads. `clock`: ms UTC, by default the hub's."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or (lambda: get_hub().clock())
        self.courier = Courier(self._clock, _does_chores)
        self._changed = asyncio.Event()
        self._facts = FactReader()

    # -- a follower of the hub

    def published(self, published: Published) -> None:
        """Take notice that something changed: programs may wait for it."""
        if published.views:
            self._changed.set()

    def directory_changed(self) -> None:
        """Take notice that accounts came or went."""
        self._changed.set()

    def __len__(self) -> int:
        return 0

    # -- its life

    async def run(self) -> None:
        """Go on until the hub stops. It begins with what happened while no hub ran."""
        self._changed = asyncio.Event()
        self._changed.set()
        try:
            await asyncio.gather(
                _repeat(self.look, LOOK_EVERY_S),
                _repeat(self.courier.start_due, DELIVER_EVERY_S),
                _repeat(self._follow, FOLLOW_EVERY_S),
                _repeat(self.give_sign_of_life, SIGN_EVERY_S),
                _repeat(self._prune, PRUNE_EVERY_S),
            )
        finally:
            self.courier.stop()

    async def look(self) -> None:
        """Tell what is new."""
        if await in_database(tell_news, self._facts, self._clock()):
            await self.courier.start_due()

    async def _follow(self) -> None:
        """Wait until something changed, then let programs have it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_ANYWAY_S):
                await self._changed.wait()
        self._changed.clear()
        if await _is_mine():  # asked again: it waited for long
            await self.follow()

    async def follow(self) -> None:
        """Let programs have what happened since they were last told."""
        if await in_database(hand_over, self._clock()):
            await self.courier.start_due()

    async def give_sign_of_life(self) -> None:
        """Let each watch know that the hub is well. There a hub that is not is missed, and a machine that sleeps."""
        if get_hub().health.reason is not None:
            return
        for watch, address in await in_database(book.list_watches):
            try:
                await in_daemon(partial(send_sign_of_life, address), SIGN_TIMEOUT_S)
            except (SendFailed, TimeoutError) as error:
                await in_database(book.note_broken, watch, str(error) or "timeout", self._clock())
            else:
                await in_database(book.note_works, watch, self._clock())

    async def _prune(self) -> None:
        await in_database(book.prune, self._clock())


def _does_chores() -> bool:
    """Return whether it is this hub that tells programs and people, without asking the database."""
    with suppress(HubNotReady):
        return get_hub().does_chores
    return False


async def _is_mine() -> bool:
    """Return whether it is this hub that tells people and programs. Raises HubNotReady."""
    return await in_database(get_hub().confirm_chores)


async def _repeat(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Call the work again and again, also after it failed. Of several hubs on one database one does it."""
    while True:
        await asyncio.sleep(seconds)
        with keep_going(log, "alerts could not be looked after"), suppress(HubNotReady):
            if await _is_mine():
                await work()


def tell_news(facts: FactReader, now: int) -> bool:
    """Decide what is told now, and store it with the messages that say it. Returns whether there are any.

    While nobody is there to be told, nothing counts as told.
    """
    destinations = book.list_enabled(*book.OF_PERSONS)
    if not destinations:
        return False
    choices, told, zone = book.load_choices(), book.load_told(), ZoneInfo(settings.TIME_ZONE)
    after, message = decide(told, facts.read(choices, told.waits, now), choices, now, zone)
    if after == told:
        return False
    with transaction.atomic():
        if not book.replace_told(told, after):
            return False
        for destination in destinations if message is not None else ():
            _tell(destination, message, choices.language, now, zone)
    return message is not None


def _tell(destination: Destination, message: Message | None, language: str, now: int, zone: ZoneInfo) -> None:
    """Let the destination have what concerns it: the owner's all accounts, a device those of its user."""
    mine = message and _for(destination, message)
    if not mine or not (mine.troubles or mine.waits):
        return
    names = {account.id: account.alias or account.name for account in get_hub().directory.accounts.values()}
    words = say(mine, names, destination.language or language, now, zone)
    book.enqueue(destination, "alert", {"title": words.title, "body": words.text, "path": words.path}, now)


def _for(destination: Destination, message: Message) -> Message | None:
    if destination.kind == Destination.Kind.PEOPLE:
        return message
    user = get_access().users.get(destination.user_id or 0)
    if user is None or not user.is_active:
        return None
    return Message(
        tuple(one for one in message.troubles if user.grant_for(one.account_id) is not None),
        tuple(one for one in message.waits if user.grant_for(one.account_id) is not None),
        message.is_morning,
    )
