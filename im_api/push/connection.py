"""One client on one connection: it says what it wants, and is notified of what happens.

The consumer only feeds and drains it; `ports.py` names what it needs of others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from msgspec import Struct

from im_api.access import GrantLevel, Principal
from im_api.push.credentials import Credential
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
from im_api.push.pace import Pace
from im_api.push.ports import AccountLookup, Connections
from im_api.push.render import RenderedBatch, render
from im_api.queries import AuthorizedAccount
from im_api.queries.events import NotificationBatch, Position, position_of
from im_api.queries.items import has_thread
from sync.outbox import Outbox, Overflow, Write

SIGNED_OUT: Final = 4001
TOO_SLOW: Final = 4002
POLICY: Final = 1008
INTERNAL: Final = 1011
MAX_BAD_FRAMES: Final = 100
MAX_FRAME_CHARS: Final = 1_000_000
VIEWS_A_SECOND: Final = 5
REPLAYED_AT_ONCE: Final = 50
"""Events that are rendered in one go; others have their turn in between."""

Close = Callable[[int, str], None]


class Subscription(Struct):
    """One account of a subscribed client: how far the client is notified, and the grant that it knows.

    `held`: batches that came while older events are being read; None: none are being read.
    """

    position: Position
    grant: GrantLevel
    held: list[RenderedBatch] | None = None


class ClientConnection:
    """`close` ends the connection; it is called at most once. `write`: sends past an outbox in which nothing waits.

    `viewing`: account -> the thread that is open here.

    Everything runs on the event loop.
    """

    def __init__(
        self,
        connections: Connections,
        lookup: AccountLookup,
        credential: Credential,
        principal: Principal,
        outbox: Outbox,
        close: Close,
        write: Write | None = None,
    ) -> None:
        self._write = write
        self._connections = connections
        self._lookup = lookup
        self._credential = credential
        self._user_id = principal.user_id
        self.user_name = principal.username
        self._outbox = outbox
        self._close = close
        self._open = True
        self._everything = False
        self._subscriptions: dict[str, Subscription] = {}
        self.viewing: dict[str, str] = {}
        self._typing = False
        self._viewing_pace = Pace(VIEWS_A_SECOND, self._view)
        self._bad_frames = 0
        self._confirming: asyncio.Task[None] | None = None
        connections.join(self)

    @property
    def accounts(self) -> Mapping[str, Subscription]:
        return self._subscriptions

    def authorized(self, account_id: str) -> AuthorizedAccount | None:
        principal = self._principal()
        return self._lookup.find_authorized(principal, account_id) if principal is not None else None

    def _principal(self) -> Principal | None:
        """With the grants of this moment."""
        return self._lookup.find_principal(self._user_id)

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
            self._viewing_pace.put(frame)
        else:
            await self._subscribe(frame)

    def _view(self, frame: Viewing) -> None:
        """A thread that is not there is passed over, and so is that somebody answers who may only read."""
        thread_id, was_typing, self._typing = frame.thread_id, self._typing, False
        if thread_id is None:
            self._leave_all_but(())
            return
        found = [account_id for account_id in self._subscriptions if self._has_thread(account_id, thread_id)]
        if found:
            self._leave_all_but(found)
        for account_id in found:
            typing = frame.typing and self._may_answer(account_id)
            self._typing |= typing
            if self.viewing.get(account_id) != thread_id or typing or was_typing:
                self.viewing[account_id] = thread_id
                self._connections.notify_viewing(self, account_id, typing=typing)

    def _leave_all_but(self, accounts: Collection[str]) -> None:
        for account_id in self.viewing.keys() - set(accounts):
            self._leave_thread(account_id)

    def _leave_thread(self, account_id: str) -> None:
        if self.viewing.pop(account_id, None) is not None:
            self._connections.notify_viewing(self, account_id)

    def _may_answer(self, account_id: str) -> bool:
        authorized = self.authorized(account_id)
        return authorized is not None and authorized.grant != "read"

    def _has_thread(self, account_id: str, thread_id: str) -> bool:
        authorized = self.authorized(account_id)
        return authorized is not None and has_thread(authorized, thread_id)

    # -- subscribing

    async def _subscribe(self, frame: Subscribe) -> None:
        principal = self._principal()
        if principal is None:
            return
        self._everything = self._everything or frame.accounts == "all"
        if any(self._knows_more(account_id, since) for account_id, since in (frame.since or {}).items()):
            await self._lookup.wait_for_other_hubs()  # the client was at one that is a moment ahead
        wanted = (
            self._lookup.list_granted_ids(principal) if frame.accounts == "all" else list(dict.fromkeys(frame.accounts))
        )
        held = {account_id: authorized for account_id in wanted if (authorized := self._hold(account_id)) is not None}
        for account_id, since in (frame.since or {}).items():
            if account_id in held:
                await self._catch_up(held[account_id], since)
        self._release(held)

    def _knows_more(self, account_id: str, since: Since) -> bool:
        """Return whether the client knows of something that this hub does not know, or not any more."""
        authorized = self.authorized(account_id)
        if authorized is None:
            return False
        now = position_of(authorized)
        return since.epoch != now.epoch or since.seq > now.seq

    def _hold(self, account_id: str) -> AuthorizedAccount | None:
        """From now on nothing of the account is missed."""
        authorized = self.authorized(account_id)
        if authorized is None:
            self.send(error_frame("not_granted", f"There is no account {account_id} for you", account=account_id))
            return None
        self._subscriptions[account_id] = Subscription(position_of(authorized), authorized.grant, held=[])
        self._connections.listen(self, account_id)
        return authorized

    async def _catch_up(self, then: AuthorizedAccount, since: Since) -> None:
        """Send the events after `since`, as fast as the client reads: they may be more than the outbox holds.

        Another grant, or none, ends it: of that the client is told by a reset or an error.
        """
        account_id = then.account.id
        subscription = self._subscriptions.get(account_id)
        for batch in _in_parts(await self._lookup.read_missed_events(then, Position(since.epoch, since.seq))):
            now = self.authorized(account_id)
            for text in render(await self._lookup.with_body(now), batch) if now is not None else ():
                await self._outbox.room()
                if not self._open or self._subscriptions.get(account_id) is not subscription:
                    return
                self.send(text)
            await asyncio.sleep(0)

    def _release(self, held: Mapping[str, AuthorizedAccount]) -> None:
        positions = {}
        for account_id in held:
            subscription = self._subscriptions.get(account_id)
            if subscription is None:  # taken away meanwhile
                continue
            waiting, subscription.held = subscription.held or [], None
            for rendered in waiting:
                self.notify(rendered)
            positions[account_id] = {"seq": subscription.position.seq, "epoch": subscription.position.epoch}
        self.send(encode_frame("subscribed", accounts=positions))

    def _drop(self, account_id: str) -> None:
        if self._subscriptions.pop(account_id, None) is not None:
            self._leave_thread(account_id)
            self._connections.unlisten(self, account_id)
            self.send(error_frame("not_granted", f"Account {account_id} is no longer for you", account=account_id))

    # -- what it is told

    def notify(self, rendered: RenderedBatch) -> None:
        batch = rendered.batch
        subscription = self._subscriptions.get(batch.account_id)
        if subscription is None:
            return
        principal = self._principal()
        frames = rendered.frames_for(principal) if principal is not None else None
        if subscription.held is not None:
            subscription.held.append(rendered)
            return
        if frames is None:
            self._drop(batch.account_id)
            return
        if batch.events is not None and subscription.position != Position(batch.position.epoch, batch.after):
            frames = [reset_frame(batch.account_id, *batch.position, initial=False)]
        subscription.position = batch.position
        self.send_all(frames)

    def send(self, text: str) -> None:
        self.send_all([text])

    def send_all(self, texts: list[str]) -> None:
        if not self._open or not texts:
            return
        if self._write is not None and self._outbox.is_empty and self._write(texts):
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
            authorized = self.authorized(account_id)
            if authorized is None:
                self._drop(account_id)
            elif authorized.grant != subscription.grant:
                self._subscriptions[account_id] = self._start_anew(authorized, subscription.held)
        if self._everything:
            self._add_granted()
        if self._credential.principal() is None and self._confirming is None:
            self._confirming = asyncio.create_task(self._confirm())

    def _add_granted(self) -> None:
        principal = self._principal()
        for account_id in self._lookup.list_granted_ids(principal) if principal is not None else ():
            authorized = self.authorized(account_id) if account_id not in self._subscriptions else None
            if authorized is not None:
                self._subscriptions[account_id] = self._start_anew(authorized)
                self._connections.listen(self, account_id)

    def _start_anew(self, authorized: AuthorizedAccount, held: list[RenderedBatch] | None = None) -> Subscription:
        """The client is to read everything: what it may see or do there is not what it was."""
        position = position_of(authorized)
        self.send(reset_frame(authorized.account.id, *position, initial=False))
        return Subscription(position, authorized.grant, held)

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
        self._viewing_pace.end()
        self._leave_all_but(())
        self._connections.leave(self)
        self._subscriptions.clear()
        if self._confirming is not None and self._confirming is not asyncio.current_task():
            self._confirming.cancel()


def _in_parts(batch: NotificationBatch) -> Iterator[NotificationBatch]:
    if batch.events is None:
        yield batch
        return
    for begin in range(0, len(batch.events), REPLAYED_AT_ONCE):
        part = batch.events[begin : begin + REPLAYED_AT_ONCE]
        yield batch._replace(after=batch.after + begin, events=part)
