"""The task of the hub that tells people and programs: looks, follows, delivers, gives a sign of life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction

from alerts import book
from alerts.core.decide import Message, decide
from alerts.courier import Courier
from alerts.facts import read_facts
from alerts.models import Destination
from alerts.words import say
from im_api.access import get_access
from sync.hub import HubNotReady, get_hub
from sync.protocol.times import Clock
from sync.storage.database import in_database
from sync.storage.database_errors import find_trouble
from sync.writing.jobs import Published

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 10
DELIVER_EVERY_S: Final = 2
PRUNE_EVERY_S: Final = 600


class AlertService:
    """Runs beside the hub, on its event loop; what waits does so in threads. `clock`: ms UTC, by default the hub's."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or (lambda: get_hub().clock())
        self.courier = Courier(self._clock)

    # -- a follower of the hub

    def published(self, published: Published) -> None:
        """Take notice that something changed."""

    def directory_changed(self) -> None:
        """Take notice that accounts or grants changed: the next look sees it."""

    def __len__(self) -> int:
        return 0

    # -- its life

    async def run(self) -> None:
        """Go on until the hub stops."""
        try:
            await asyncio.gather(
                _repeat(self.look, LOOK_EVERY_S),
                _repeat(self.courier.start_due, DELIVER_EVERY_S),
                _repeat(self._prune, PRUNE_EVERY_S),
            )
        finally:
            self.courier.stop()

    async def look(self) -> None:
        """Tell what is new."""
        if await in_database(tell_news, self._clock()):
            await self.courier.start_due()

    async def _prune(self) -> None:
        await in_database(book.prune, self._clock())


async def _repeat(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Do it again and again. Whatever fails once may succeed the next time."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except HubNotReady:
            continue
        except Exception as error:  # no alert may end all others; a database that is away is told by the hub's health
            if find_trouble(error) is None:
                log.exception("alerts could not be looked after")


def tell_news(now: int) -> bool:
    """Decide what is told now, and store it with the messages that say it. Returns whether there are any.

    While nobody is there to be told, nothing counts as told.
    """
    destinations = book.list_enabled(Destination.Kind.PEOPLE, Destination.Kind.DEVICE)
    if not destinations:
        return False
    choices, told, zone = book.load_choices(), book.load_told(), ZoneInfo(settings.TIME_ZONE)
    after, message = decide(told, read_facts(choices, now), choices, now, zone)
    if after == told:
        return False
    with transaction.atomic():
        book.save_told(after)
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
