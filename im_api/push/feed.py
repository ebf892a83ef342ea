"""All open connections. A change is rendered once, however many are told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from im_api.access import Principal
from im_api.push.frames import encode_frame, fresh_frame
from im_api.push.render import BY_GRANT, render
from im_api.queries import HubNotReady, find_reading
from im_api.queries.events import News, Published, news_of

if TYPE_CHECKING:
    from im_api.push.session import ClientSession

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 1.0
FRESH_EVERY: Final = 10
"""Looks."""


class Told:
    """News on the way to several sockets. `frames_for` raises what the item's shape does."""

    def __init__(self, news: News) -> None:
        self.news = news
        self._by_grant = any(event.kind in BY_GRANT for event in news.events or ())
        self._frames: dict[str, list[str]] = {}

    def frames_for(self, principal: Principal) -> list[str] | None:
        """None: the account is not granted."""
        reading = find_reading(principal, self.news.account_id)
        if reading is None:
            return None
        key = reading.grant if self._by_grant else ""
        if key not in self._frames:
            self._frames[key] = render(reading, self.news)
        return self._frames[key]


class PushFeed:
    """Follows the hub. Everything runs on its event loop."""

    def __init__(self) -> None:
        self._sessions: set[ClientSession] = set()
        self._listening: dict[str, set[ClientSession]] = {}
        self._looking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._sessions)

    # -- the hub

    def published(self, published: Published) -> None:
        if not self._sessions:
            return
        for news in news_of(published):
            told = Told(news)
            for session in self._on(news.account_id):
                with _alone(session):
                    session.tell(told)

    def directory_changed(self) -> None:
        for session in list(self._sessions):
            with _alone(session):
                session.check()

    # -- connections

    def join(self, session: ClientSession) -> None:
        self._sessions.add(session)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def leave(self, session: ClientSession) -> None:
        self._sessions.discard(session)
        for account_id in list(session.accounts):
            self.unlisten(session, account_id)
        if not self._sessions and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def listen(self, session: ClientSession, account_id: str) -> None:
        self._listening.setdefault(account_id, set()).add(session)

    def unlisten(self, session: ClientSession, account_id: str) -> None:
        sessions = self._listening.get(account_id, set())
        sessions.discard(session)
        if not sessions:
            self._listening.pop(account_id, None)

    def tell_viewing(self, viewer: ClientSession, account_id: str) -> None:
        """To all other windows on the account. Who left a thread may still have it, or another, open elsewhere."""
        others = [session for session in self._on(account_id) if session is not viewer]
        mine = [viewer, *(session for session in others if session.user_name == viewer.user_name)]
        thread_id = next((viewed for session in mine if (viewed := session.viewing.get(account_id)) is not None), None)
        text = encode_frame("viewing", account=account_id, thread_id=thread_id, user_name=viewer.user_name)
        for session in others:
            if session.reading(account_id) is not None:
                session.send(text)

    def _on(self, account_id: str) -> Iterable[ClientSession]:
        return list(self._listening.get(account_id, ()))

    # -- from time to time

    async def _look(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            count += 1
            for session in list(self._sessions):
                with _alone(session):
                    session.look()
            if count % FRESH_EVERY == 0:
                self._tell_fresh()

    def _tell_fresh(self) -> None:
        """Many windows watch the same accounts: each set of them is encoded once. A hub that has ended knows none,
        and that is no client's fault."""
        texts: dict[frozenset[str], str] = {}
        for session in list(self._sessions):
            with _alone(session), suppress(HubNotReady):
                session.check()
                accounts = frozenset(session.accounts)
                if accounts and accounts not in texts:
                    readings = (session.reading(account_id) for account_id in sorted(accounts))
                    texts[accounts] = fresh_frame({r.account.id: r.seen_at for r in readings if r is not None})
                if accounts:
                    session.send(texts[accounts])


class _alone(suppress):
    """One socket must not keep the others from their news."""

    def __init__(self, session: ClientSession) -> None:
        super().__init__(Exception)
        self._session = session

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            log.error("a client could not be told", user=self._session.user_name, exc_info=error)
            self._session.fail()
        return isinstance(error, Exception)
