"""What one client says on one connection, and what it is told. The consumer only feeds and drains it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from msgspec import Struct

from im_api.access import Level, Principal, get_access
from im_api.push.credentials import Credential
from im_api.push.feed import PushFeed, Told
from im_api.push.frames import (
    BadFrame,
    Ping,
    Since,
    Subscribe,
    Viewing,
    decode_frame,
    encode_frame,
    error_frame,
    reset_frame,
)
from im_api.push.outbox import Outbox, Overflow
from im_api.push.render import render
from im_api.queries import Reading, find_reading, granted
from im_api.queries.events import News, Position, missed, position_of

SIGNED_OUT: Final = 4001
TOO_SLOW: Final = 4002
POLICY: Final = 1008
INTERNAL: Final = 1011
MAX_BAD_FRAMES: Final = 100
MAX_FRAME_CHARS: Final = 1_000_000
REPLAYED_AT_ONCE: Final = 50
"""Events that are rendered in one go; others have their turn in between."""

Close = Callable[[int, str], None]


class Subscription(Struct):
    """How far the client is told, and which grant it knows. `held`: news that came while older ones are being read;
    None: none are."""

    position: Position
    grant: Level
    held: list[Told] | None = None


class ClientSession:
    """`close` ends the connection; it is called at most once. `viewing`: account -> the thread that is open here.

    Everything runs on the event loop.
    """

    def __init__(
        self, feed: PushFeed, credential: Credential, principal: Principal, outbox: Outbox, close: Close
    ) -> None:
        self._feed = feed
        self._credential = credential
        self._user_id = principal.user_id
        self.user_name = principal.username
        self._outbox = outbox
        self._close = close
        self._open = True
        self._everything = False
        self._subscriptions: dict[str, Subscription] = {}
        self.viewing: dict[str, str] = {}
        self._bad_frames = 0
        self._confirming: asyncio.Task[None] | None = None
        feed.join(self)

    @property
    def accounts(self) -> Mapping[str, Subscription]:
        return self._subscriptions

    def reading(self, account_id: str) -> Reading | None:
        principal = self._principal()
        return find_reading(principal, account_id) if principal is not None else None

    def _principal(self) -> Principal | None:
        """With the grants of this moment."""
        return get_access().by_user_id(self._user_id)

    # -- what the client says

    async def receive(self, text: str | None) -> None:
        try:
            await self._receive(text)
        except BadFrame as error:
            self.send(error_frame("bad_frame", str(error)))
            self._bad_frames += 1
            if self._bad_frames >= MAX_BAD_FRAMES:
                self.close(POLICY, "too many bad frames")

    async def _receive(self, text: str | None) -> None:
        if text is None:
            raise BadFrame("frames are text, not binary")
        if len(text) > MAX_FRAME_CHARS:
            raise BadFrame(f"a frame is at most {MAX_FRAME_CHARS} characters long")
        frame = decode_frame(text)
        if isinstance(frame, Ping):
            self.send(encode_frame("pong"))
        elif isinstance(frame, Viewing):
            self._view(frame)
        else:
            await self._subscribe(frame)

    def _view(self, frame: Viewing) -> None:
        """A thread that is not there is passed over."""
        thread_id = frame.thread_id
        if thread_id is None:
            self._leave_all_but(())
            return
        found = [account_id for account_id in self._subscriptions if self._has_thread(account_id, thread_id)]
        if found:
            self._leave_all_but(found)
        for account_id in found:
            self.viewing[account_id] = thread_id
            self._feed.tell_viewing(self, account_id)

    def _leave_all_but(self, accounts: Collection[str]) -> None:
        for account_id in self.viewing.keys() - set(accounts):
            self._leave_thread(account_id)

    def _leave_thread(self, account_id: str) -> None:
        if self.viewing.pop(account_id, None) is not None:
            self._feed.tell_viewing(self, account_id)

    def _has_thread(self, account_id: str, thread_id: str) -> bool:
        reading = self.reading(account_id)
        if reading is None:
            return False
        return any(reading.view.is_visible(name, thread_id) for name in ("conversations", "comments"))

    # -- subscribing

    async def _subscribe(self, frame: Subscribe) -> None:
        principal = self._principal()
        if principal is None:
            return
        self._everything = self._everything or frame.accounts == "all"
        wanted = granted(principal) if frame.accounts == "all" else list(dict.fromkeys(frame.accounts))
        held = {account_id: reading for account_id in wanted if (reading := self._hold(account_id)) is not None}
        for account_id, since in (frame.since or {}).items():
            if account_id in held:
                await self._catch_up(held[account_id], since)
        self._release(held)

    def _hold(self, account_id: str) -> Reading | None:
        """From now on nothing of the account is missed."""
        reading = self.reading(account_id)
        if reading is None:
            self.send(error_frame("not_granted", f"There is no account {account_id} for you", account=account_id))
            return None
        self._subscriptions[account_id] = Subscription(position_of(reading), reading.grant, held=[])
        self._feed.listen(self, account_id)
        return reading

    async def _catch_up(self, then: Reading, since: Since) -> None:
        """What was missed may be more than the outbox holds: it goes out as fast as the client reads. Another grant, or
        none, ends it: of that the client was told by a reset or an error."""
        account_id = then.account.id
        subscription = self._subscriptions.get(account_id)
        for news in _in_parts(await missed(then, Position(since.epoch, since.seq))):
            now = self.reading(account_id)
            for text in render(now, news) if now is not None else ():
                await self._outbox.room()
                if not self._open or self._subscriptions.get(account_id) is not subscription:
                    return
                self.send(text)
            await asyncio.sleep(0)

    def _release(self, held: Mapping[str, Reading]) -> None:
        told = {}
        for account_id in held:
            subscription = self._subscriptions.get(account_id)
            if subscription is None:  # taken away meanwhile
                continue
            waiting, subscription.held = subscription.held or [], None
            for news in waiting:
                self.tell(news)
            told[account_id] = {"seq": subscription.position.seq, "epoch": subscription.position.epoch}
        self.send(encode_frame("subscribed", accounts=told))

    def _drop(self, account_id: str) -> None:
        if self._subscriptions.pop(account_id, None) is not None:
            self._leave_thread(account_id)
            self._feed.unlisten(self, account_id)
            self.send(error_frame("not_granted", f"Account {account_id} is no longer for you", account=account_id))

    # -- what it is told

    def tell(self, told: Told) -> None:
        news = told.news
        subscription = self._subscriptions.get(news.account_id)
        if subscription is None:
            return
        if subscription.held is not None:
            subscription.held.append(told)
            return
        principal = self._principal()
        frames = told.frames_for(principal) if principal is not None else None
        if frames is None:
            self._drop(news.account_id)
            return
        if news.events is not None and subscription.position != Position(news.position.epoch, news.after):
            frames = [reset_frame(news.account_id, *news.position, initial=False)]
        subscription.position = news.position
        self.send_all(frames)

    def send(self, text: str) -> None:
        self.send_all([text])

    def send_all(self, texts: list[str]) -> None:
        if not self._open:
            return
        try:
            for text in texts:
                self._outbox.put(text)
        except Overflow:
            self.close(TOO_SLOW, "read faster, and subscribe again with since")

    # -- whether it may go on

    def check(self) -> None:
        """After a change of who may do what."""
        for account_id, subscription in list(self._subscriptions.items()):
            reading = self.reading(account_id)
            if reading is None:
                self._drop(account_id)
            elif reading.grant != subscription.grant:
                self._subscriptions[account_id] = self._start_anew(reading, subscription.held)
        if self._everything:
            self._add_granted()
        if self._credential.principal() is None and self._confirming is None:
            self._confirming = asyncio.create_task(self._confirm())

    def _add_granted(self) -> None:
        principal = self._principal()
        for account_id in granted(principal) if principal is not None else ():
            reading = self.reading(account_id) if account_id not in self._subscriptions else None
            if reading is not None:
                self._subscriptions[account_id] = self._start_anew(reading)
                self._feed.listen(self, account_id)

    def _start_anew(self, reading: Reading, held: list[Told] | None = None) -> Subscription:
        """The client is to read everything: what it may see or do there is not what it was."""
        position = position_of(reading)
        self.send(reset_frame(reading.account.id, *position, initial=False))
        return Subscription(position, reading.grant, held)

    async def _confirm(self) -> None:
        try:
            if await self._credential.confirm() is None:
                self.close(SIGNED_OUT, "signed out")
        finally:
            self._confirming = None

    def look(self) -> None:
        if self._outbox.stalled:
            self.close(TOO_SLOW, "read faster, and subscribe again with since")

    def fail(self) -> None:
        self.close(INTERNAL, "the hub's log says why")

    def close(self, code: int, reason: str) -> None:
        if self._open:
            self.ended()
            self._close(code, reason)

    def ended(self) -> None:
        """The connection is gone."""
        self._open = False
        self._outbox.end()
        self._leave_all_but(())
        self._feed.leave(self)
        self._subscriptions.clear()
        if self._confirming is not None and self._confirming is not asyncio.current_task():
            self._confirming.cancel()


def _in_parts(news: News) -> Iterator[News]:
    if news.events is None:
        yield news
        return
    for begin in range(0, len(news.events), REPLAYED_AT_ONCE):
        part = news.events[begin : begin + REPLAYED_AT_ONCE]
        yield news._replace(after=news.after + begin, events=part)
