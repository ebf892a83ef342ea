"""One connection by itself: no hub, no database, no socket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from im_api.access import Principal
from im_api.push.connection import POLICY, SIGNED_OUT, TOO_SLOW, ClientConnection
from im_api.push.ports import Listener
from im_api.push.render import RenderedBatch
from im_api.queries import AuthorizedAccount
from im_api.queries.events import Event, NotificationBatch, Position
from sync.core.account.view import View
from sync.directory import AccountInfo
from sync.outbox import MAX_CHARS, Outbox

ANN = Principal(user_id=1, username="ann", is_staff=False, is_active=True, grants={"roses": "read"})
INFO = AccountInfo(
    id="roses", platform="douyin", name="Roses", platform_user_id=None, status="active", worker=None, lease_epoch=0,
    alias=None, group=None, color=None, config={}, created_at=0, updated_at=0,
)  # fmt: skip


@dataclass
class Everybody:
    """All connections: here this one alone."""

    listening: set[str] = field(default_factory=set)
    viewed: list[tuple[str, str | None]] = field(default_factory=list)

    def join(self, connection: Listener) -> None:
        pass

    def leave(self, connection: Listener) -> None:
        self.listening.clear()

    def listen(self, connection: Listener, account_id: str) -> None:
        self.listening.add(account_id)

    def unlisten(self, connection: Listener, account_id: str) -> None:
        self.listening.discard(account_id)

    def notify_viewing(self, viewer: Listener, account_id: str, *, typing: bool = False) -> None:
        self.viewed.append((account_id, viewer.viewing.get(account_id)))


@dataclass
class Accounts:
    principal: Principal | None = ANN
    view: View = field(default_factory=lambda: View(account_id="roses", fresh_ms=0))
    written_elsewhere: View | None = None
    """Where another hub is ahead."""
    missed: list[Event] | None = field(default_factory=list)

    def find_principal(self, user_id: int) -> Principal | None:
        return self.principal

    async def wait_for_other_hubs(self) -> None:
        self.view, self.written_elsewhere = self.written_elsewhere or self.view, None

    async def with_body(self, authorized: AuthorizedAccount) -> AuthorizedAccount:
        return authorized

    def find_authorized(self, principal: Principal, account_id: str) -> AuthorizedAccount | None:
        grant = principal.grant_for(account_id)
        return AuthorizedAccount(INFO, self.view, grant) if grant is not None else None

    def list_granted_ids(self, principal: Principal) -> list[str]:
        return sorted(principal.grants)

    async def read_missed_events(self, authorized: AuthorizedAccount, since: Position) -> NotificationBatch:
        return NotificationBatch("roses", since.seq, Position(self.view.epoch, self.view.seq), self.missed)


class GoodCredential:
    good = True

    def principal(self) -> Principal | None:
        return ANN if self.good else None

    async def confirm(self) -> Principal | None:
        return self.principal()


class Client:
    """The connection with all of its sides, and what the client heard."""

    def __init__(self) -> None:
        self.everybody, self.accounts, self.credential = Everybody(), Accounts(), GoodCredential()
        self.outbox = Outbox()
        self.closed: list[int] = []
        self.connection = ClientConnection(
            self.everybody,
            self.accounts,
            self.credential,
            ANN,
            self.outbox,
            lambda code, _reason: self.closed.append(code),
        )

    async def say(self, **frame: Any) -> list[dict[str, Any]]:
        await self.connection.receive(json.dumps(frame))
        return await self.heard()

    async def heard(self) -> list[dict[str, Any]]:
        frames = []
        while self.outbox._waiting:
            frames.append(json.loads(await self.outbox.next()))
            self.outbox.sent()
        return frames


@pytest.fixture
async def client() -> Client:
    return Client()


async def test_frames_go_past_an_outbox_in_which_nothing_waits_and_keep_their_order(client: Client) -> None:
    written: list[str] = []
    takes = True

    def write(texts: Sequence[str]) -> bool:
        written.extend(texts if takes else ())
        return takes

    client.connection._write = write
    client.connection.send('{"n": 1}')
    takes = False
    client.connection.send('{"n": 2}')
    takes = True
    client.connection.send('{"n": 3}')
    assert written == ['{"n": 1}']
    assert await client.heard() == [{"n": 2}, {"n": 3}]
    client.connection.send('{"n": 4}')
    client.connection.ended()
    client.connection.send('{"n": 5}')
    assert written == ['{"n": 1}', '{"n": 4}']
    assert await client.heard() == []


async def test_a_ping_is_answered(client: Client) -> None:
    assert await client.say(type="ping") == [{"type": "pong"}]


async def test_a_subscription_tells_the_position_and_refuses_what_is_not_granted(client: Client) -> None:
    refused, subscribed = await client.say(type="subscribe", accounts=["roses", "tea"])
    assert (refused["code"], refused["account"]) == ("not_granted", "tea")
    assert subscribed["accounts"] == {"roses": {"seq": 0, "epoch": client.accounts.view.epoch}}
    assert client.everybody.listening == {"roses"}


async def test_a_client_that_comes_from_a_hub_that_is_a_moment_ahead_is_waited_for(client: Client) -> None:
    view = client.accounts.view
    client.accounts.written_elsewhere = replace(view, seq=3, version=1)
    since = {"roses": {"seq": 3, "epoch": view.epoch}}
    (subscribed,) = await client.say(type="subscribe", accounts="all", since=since)
    assert subscribed["accounts"] == since


async def test_a_gap_in_the_events_is_told_as_a_reset(client: Client) -> None:
    await client.say(type="subscribe", accounts="all")
    later = NotificationBatch("roses", 4, Position(client.accounts.view.epoch, 5), [Event("unread.changed", "")])
    client.connection.notify(RenderedBatchOf(later))
    (reset,) = await client.heard()
    assert (reset["type"], reset["account"], reset["seq"], reset["initial"]) == ("reset", "roses", 5, False)


class RenderedBatchOf(RenderedBatch):
    """Rendered without looking for the account."""

    def frames_for(self, principal: Principal) -> list[str] | None:
        return ["{}"]


async def test_a_grant_that_is_taken_away_ends_the_subscription(client: Client) -> None:
    await client.say(type="subscribe", accounts="all")
    client.accounts.principal = Principal(user_id=1, username="ann", is_staff=False, is_active=True)
    client.connection.check()
    (error,) = await client.heard()
    assert (error["type"], error["code"], error["account"]) == ("error", "not_granted", "roses")
    assert client.everybody.listening == set()


async def test_who_is_signed_out_is_closed(client: Client) -> None:
    client.credential.good = False
    await client.connection._confirm()
    assert client.closed == [SIGNED_OUT]


async def test_a_hundred_bad_frames_close_the_connection(client: Client) -> None:
    for _ in range(100):
        await client.connection.receive("{")
    assert client.closed == [POLICY]
    assert {frame["code"] for frame in await client.heard()} == {"bad_frame"}


async def test_who_does_not_read_is_closed_once(client: Client) -> None:
    for _ in range(3):
        client.connection.send("x" * (MAX_CHARS - 1))
    assert client.closed == [TOO_SLOW]
