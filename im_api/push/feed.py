"""All open connections. A change is rendered once, however many are told of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final

import structlog

from im_api.push.frames import encode_frame, fresh_frame
from im_api.push.ports import Listener
from im_api.push.render import RenderedBatch
from im_api.queries import HubNotReady, get_liveness
from im_api.queries.events import FactBoard, Published, batches_of
from im_api.queries.login.logins import find_login
from im_api.shapes.logins import login

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 1.0
FRESH_EVERY: Final = 10
"""Looks."""
VIEWING: Final = "viewing"
MAX_KEY: Final = 200


class PushFeed:
    """Follows the hub. Everything runs on its event loop."""

    def __init__(self) -> None:
        self._connections: set[Listener] = set()
        self._listening: dict[str, set[Listener]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._share: Callable[[str, Any], None] = lambda _key, _value: None
        self.closed: Counter[int] = Counter()
        """Clients that the hub closed, by code."""

    def __len__(self) -> int:
        return len(self._connections)

    # -- the hub

    def published(self, published: Published) -> None:
        if not self._connections:
            return
        for batch in batches_of(published):
            rendered = RenderedBatch(batch)
            for connection in self._on(batch.account_id):
                with _alone(connection):
                    connection.notify(rendered)

    def directory_changed(self) -> None:
        for connection in list(self._connections):
            with _alone(connection):
                connection.check()

    def login_changed(self, account_id: str) -> None:
        """Tell how the login of an account stands to all who may log it in: the code is a key to the account."""
        text: str | None = None
        for connection in self._on(account_id):
            with _alone(connection), suppress(HubNotReady):
                authorized = connection.authorized(account_id)
                if authorized is None or authorized.grant == "read":
                    continue
                text = text or encode_frame(
                    "login", account=account_id, login=login(authorized, find_login(authorized))
                )
                connection.send(text)

    # -- connections

    def join(self, connection: Listener) -> None:
        self._connections.add(connection)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def leave(self, connection: Listener) -> None:
        self._connections.discard(connection)
        for account_id in list(connection.accounts):
            self.unlisten(connection, account_id)
        if not self._connections and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def listen(self, connection: Listener, account_id: str) -> None:
        self._listening.setdefault(account_id, set()).add(connection)

    def unlisten(self, connection: Listener, account_id: str) -> None:
        connections = self._listening.get(account_id, set())
        connections.discard(connection)
        if not connections:
            self._listening.pop(account_id, None)

    def notify_viewing(self, viewer: Listener, account_id: str, *, typing: bool = False) -> None:
        """To all other windows on the account. Who left a thread may still have it, or another, open elsewhere.

        `typing` is kept nowhere: whoever hears of it forgets it after a few seconds.
        """
        others = [connection for connection in self._on(account_id) if connection is not viewer]
        mine = [viewer, *(connection for connection in others if connection.user_name == viewer.user_name)]
        opened = (connection.viewing.get(account_id) for connection in mine)
        thread_id = next((viewed for viewed in opened if viewed is not None), None)
        more = {"typing": True} if typing else {}
        said = {"account": account_id, "thread_id": thread_id, "user_name": viewer.user_name, **more}
        _send_to(others, account_id, encode_frame("viewing", **said))
        self._share(f"{account_id} {viewer.user_name}"[:MAX_KEY], said)

    def share(self, board: FactBoard) -> None:
        """Tell the windows at other hubs too which threads are open here, and the other way round."""
        self._share = partial(board.post, VIEWING)
        board.subscribe(VIEWING, self._hear_viewing)

    def _hear_viewing(self, _key: str, said: dict[str, Any]) -> None:
        account_id = said["account"]
        _send_to(self._on(account_id), account_id, encode_frame("viewing", **said))

    def _on(self, account_id: str) -> Iterable[Listener]:
        return list(self._listening.get(account_id, ()))

    # -- from time to time

    async def _look(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            count += 1
            for connection in list(self._connections):
                with _alone(connection):
                    connection.look()
            if count % FRESH_EVERY == 0:
                self._notify_fresh()

    def _notify_fresh(self) -> None:
        """Many windows watch the same accounts: each set of them is encoded once. A hub that has ended knows none,
        and that is no client's fault."""
        texts: dict[frozenset[str], str] = {}
        for connection in list(self._connections):
            with _alone(connection), suppress(HubNotReady):
                connection.check()
                accounts = frozenset(connection.accounts)
                if accounts and accounts not in texts:
                    granted = [one for one in sorted(accounts) if connection.authorized(one) is not None]
                    texts[accounts] = fresh_frame({one: get_liveness(one).seen_at for one in granted})
                if accounts:
                    connection.send(texts[accounts])


def _send_to(connections: Iterable[Listener], account_id: str, text: str) -> None:
    for connection in connections:
        if connection.authorized(account_id) is not None:
            connection.send(text)


class _alone(suppress):
    """One socket must not keep the others from their news."""

    def __init__(self, connection: Listener) -> None:
        super().__init__(Exception)
        self._connection = connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            log.error("a client could not be told", user=self._connection.user_name, exc_info=error)
            self._connection.fail()
        return isinstance(error, Exception)
