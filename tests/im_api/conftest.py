"""A hub in memory with three accounts, a cast of users, and a client for each of them. No database at all:
a request that needs one fails.

alice    may act for acc-a
bob      may read acc-b
olivia   the owner
charlie  a user without any grant
dora     may act for acc-a and read acc-b
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any
from typing import cast as as_type

import httpx
import msgspec
import pytest
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.db import transaction

from im_api import access, inline
from im_api.access import Access, Principal, TokenInfo
from im_api.models import ApiToken, Grant, hash_token
from im_api.push.feed import PushFeed
from sync.core.account.view import View
from sync.core.change.changes import ReplyMoved
from sync.core.change.snapshot_validation import validate_snapshot
from sync.core.replies.steps import ReplyStep
from sync.directory import AccountInfo, Directory, WorkerInfo, raise_generation
from sync.hub import Hub, set_hub
from sync.models import Account
from sync.protocol.messages import Snapshot
from sync.storage.change_log import ChangeLog
from sync.storage.database import in_database
from sync.storage.records import Actor
from sync.store import DataStore
from sync.writing.jobs import Done, Job
from tests.im_api.builders import (
    MINUTE,
    T0,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_snapshot,
    a_work,
)
from tests.im_api.compared import ComparedReads

SEED = json.loads((Path(__file__).parent.parent / "data" / "seed-snapshot.json").read_text(encoding="utf-8"))
NOW = SEED["timestamp"] + 100 * MINUTE
ACCOUNTS = ("acc-a", "acc-b", "acc-seed")
USERS = (
    Principal(user_id=1, username="alice", is_staff=False, is_active=True, grants={"acc-a": "operate"}),
    Principal(user_id=2, username="bob", is_staff=False, is_active=True, grants={"acc-b": "read"}),
    Principal(user_id=3, username="olivia", is_staff=True, is_active=True),
    Principal(user_id=4, username="charlie", is_staff=False, is_active=True),
    Principal(user_id=5, username="blocked", is_staff=True, is_active=False),
    Principal(user_id=6, username="dora", is_staff=False, is_active=True, grants={"acc-a": "operate", "acc-b": "read"}),
)

Connect = Callable[..., httpx.AsyncClient]


def an_account(account_id: str, **fields: Any) -> AccountInfo:
    values: dict[str, Any] = {
        "platform": "douyin",
        "name": f"Shop {account_id}",
        "platform_user_id": None,
        "status": "active",
        "worker": "w1",
        "lease_epoch": 1,
        "alias": None,
        "group": None,
        "color": None,
        "config": {},
        "created_at": T0 - ACCOUNTS.index(account_id) if account_id in ACCOUNTS else T0,
        "updated_at": T0,
    }
    return AccountInfo(id=account_id, **(values | fields))


def a_directory(*accounts: AccountInfo) -> Directory:
    return Directory(
        accounts={account.id: account for account in accounts},
        workers={"w1": WorkerInfo(name="w1", token_hash="x", max_accounts=0)},
    )


@pytest.fixture
def bare_hub(settings: Any) -> Iterator[Hub]:
    """The accounts exist; nothing was seen of them but that they are empty."""
    settings.ROOT_URLCONF = "tests.im_api.urls"
    hub = Hub(clock=lambda: NOW)
    hub.directory = a_directory(*map(an_account, ACCOUNTS))
    set_hub(hub)
    access._current = Access(
        users={user.user_id: user for user in USERS},
        tokens={hash_token(user.username): TokenInfo(user.user_id, None, "cli") for user in USERS},
    )
    yield hub
    set_hub(None)


@pytest.fixture
def hub(bare_hub: Hub, settings: Any) -> Hub:
    bare_hub.store.publish(get_views(settings.FRESH_DAYS))
    return bare_hub


@cache
def get_views(fresh_days: int) -> tuple[View, ...]:
    """Return what was seen of the accounts. It is made once: nothing can change a view."""
    store = DataStore(fresh_days=fresh_days)
    for account in ("acc-a", "acc-b"):
        store.update_account_data(account, a_snapshot(conversations=[]), now=T0)
    store.update_account_data("acc-a", acc_a(), now=T0 + 90 * MINUTE)
    store.update_account_data("acc-b", acc_b(), now=T0 + 90 * MINUTE)
    store.update_account_data("acc-seed", SEED["payload"]["snapshot"], now=SEED["timestamp"] + MINUTE)
    return tuple(map(store.get_view, ACCOUNTS))


def acc_a() -> dict[str, Any]:
    """mia is pinned and was answered, ben waits, carl is a placeholder, the group is muted and known by name only."""
    return a_snapshot(
        conversations=[
            a_conversation("mia", isPinned=True, userAvatar="https://media.test/mia.jpg", createdAt=T0 - MINUTE),
            a_conversation("ben", isBlocked=False, unreadCount=1),
            a_conversation(
                "group",
                type="group",
                userId=None,
                userName=None,
                groupName="读书会",
                isMuted=True,
                lastMessageContent="晚上见",
                lastMessageType="text",
                lastMessageSenderId="x",
                lastMessageTime=T0 + 15 * MINUTE,
            ),
        ],
        messages=[
            a_message("m1", "mia", 1, senderAvatar="https://media.test/mia.jpg", recipientId="me"),
            a_message("m2", "mia", 2, direction="outbound", status="delivered", recipientId="mia"),
            a_message("m3", "ben", 3, content="多少钱？"),
            a_message("m4", "ben", 4, type="image", content=None, mediaUrl="https://media.test/4.jpg", fileSize=2048),
            a_message("m5", "carl", 5),
            a_message("m6", "ben", None, isRecalled=True),
        ],
        contents=[
            a_work("w1", likeCount=7, viewCount=100, commentCount=9, tags=["生活"], description="海边"),
            a_work("w2", type="article", minute=None),
        ],
        comments=[
            a_comment("c1", "w1", 10, likeCount=3, region="上海", images=["https://media.test/c1.jpg"]),
            a_comment("c2", "w1", 11, parentCommentId="c1", replyToUserId="author-c1", replyToUserName="Author c1"),
            a_comment("c3", "w1", 12, parentCommentId="c1", isAuthorReply=True),
            a_comment("c4", "old", 13, contentTitle="旧作品", isPinned=True),
        ],
        notifications=[
            a_notice("n1", 20, relatedContentId="w1", triggerId="t1"),
            a_notice("n2", -10, type="follow", isRead=True),
        ],
    )


def acc_b() -> dict[str, Any]:
    """bob's account talks to a mia of its own."""
    return a_snapshot(
        conversations=[a_conversation("mia", "acc-b")],
        messages=[a_message("m1", "mia", 6, "acc-b", content="B only")],
        contents=[a_work("w1", "acc-b")],
        comments=[a_comment("c1", "w1", 14, "acc-b")],
        notifications=[a_notice("n1", 21, "acc-b", type="system")],
    )


class Clock:
    """Stands still until it is set. ms UTC."""

    now = T0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def cast(transactional_db: None) -> None:
    """The users and accounts, in the database. In bulk: to save each alone took longer than most tests do."""
    with transaction.atomic():
        Account.objects.bulk_create(Account(pk=name, name=f"Shop {name}") for name in ("acc-a", "acc-b"))
        people = User.objects.bulk_create(
            User(username=one.username, is_staff=one.is_staff, is_active=one.is_active) for one in USERS
        )
        with_user = list(zip(USERS, people, strict=True))
        ApiToken.objects.bulk_create(
            ApiToken(user=user, name="cli", token_hash=hash_token(one.username)) for one, user in with_user
        )
        Grant.objects.bulk_create(
            Grant(user=user, account_id=account_id, level=level)
            for one, user in with_user
            for account_id, level in one.grants.items()
        )
        raise_generation()


@pytest.fixture
def feed() -> PushFeed:
    return PushFeed()


@pytest.fixture
async def writing_hub(cast: None, settings: Any, feed: PushFeed) -> AsyncIterator[Hub]:
    """A hub with a database: what `hub` holds of acc-a and acc-b, and the cast may write. Its clock is at NOW."""
    settings.ROOT_URLCONF = "tests.im_api.urls"
    access.forget()
    clock = Clock()
    hub = Hub(clock=clock, listeners=(access.reload,), followers=(feed,), login_listeners=(feed.login_changed,))
    hub.acquire()
    await hub.start()
    set_hub(hub)
    for account_id, data in (("acc-a", acc_a()), ("acc-b", acc_b())):
        clock.now = T0
        await push(hub, account_id, a_snapshot(conversations=[]))
        clock.now = T0 + 90 * MINUTE
        await push(hub, account_id, data)
    clock.now = NOW
    yield hub
    set_hub(None)
    await hub.stop()


@pytest.fixture
def operator(writing_hub: Hub, connect: Connect) -> httpx.AsyncClient:
    """alice, who may write."""
    return connect("alice")


@pytest.fixture
def owner(writing_hub: Hub, connect: Connect) -> httpx.AsyncClient:
    """olivia, who may write."""
    return connect("olivia")


async def push(hub: Hub, account_id: str, snapshot: dict[str, Any]) -> Done:
    """A worker's snapshot, through the writer."""
    wire = msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot)
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    hub.writer.submit(
        Job(
            account_id=account_id,
            make=lambda view, now, _check: validate_snapshot(view, wire, now),
            actor=Actor("worker:w1"),
            answer=answered.set_result,
        )
    )
    outcome = await asyncio.wait_for(answered, 30)
    assert isinstance(outcome, Done)
    return outcome


async def stored(hub: Hub, account_id: str) -> View:
    """The account as a hub that starts now would load it."""
    return await in_database(ChangeLog().load, account_id, hub.store.new_view)


@pytest.fixture(scope="session")
def application() -> inline.App:
    """Whatever a test reads, the memo is compared with what is made anew."""
    return ComparedReads(as_type(inline.App, get_asgi_application()))


@pytest.fixture
async def connect(application: inline.App) -> AsyncIterator[Connect]:
    """A client of the whole application: `connect("alice")`, `connect(None)` without credentials."""
    async with AsyncExitStack() as stack:

        def make(username: str | None, **headers: str) -> httpx.AsyncClient:
            if username is not None:
                headers["Authorization"] = f"Token {username}"
            transport = httpx.ASGITransport(as_type(Any, application))
            client = httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
            stack.push_async_callback(client.aclose)
            return client

        yield make


@pytest.fixture
def alice(hub: Hub, connect: Connect) -> httpx.AsyncClient:
    return connect("alice")


@pytest.fixture
def bob(hub: Hub, connect: Connect) -> httpx.AsyncClient:
    return connect("bob")


@pytest.fixture
def olivia(hub: Hub, connect: Connect) -> httpx.AsyncClient:
    return connect("olivia")


@pytest.fixture
def charlie(hub: Hub, connect: Connect) -> httpx.AsyncClient:
    return connect("charlie")


@pytest.fixture
def nobody(hub: Hub, connect: Connect) -> httpx.AsyncClient:
    return connect(None)


async def get(client: httpx.AsyncClient, path: str, /, **params: Any) -> Any:
    """The `data` of a successful answer."""
    response = await client.get(f"/api/im{path}", params=params)
    assert response.status_code == 200, (path, params, response.text)
    body = response.json()
    assert set(body) == {"data", "status_code"}
    assert body["status_code"] == 0
    return body["data"]


async def send(client: httpx.AsyncClient, method: str, path: str, body: Any = None, /, status: int = 200) -> Any:
    """The `data` of a write that succeeds."""
    response = await client.request(method, f"/api/im{path}", json=body)
    assert response.status_code == status, (method, path, response.text)
    answer = response.json()
    assert (set(answer), answer["status_code"]) == ({"data", "status_code"}, 0)
    return answer["data"]


async def refused(client: httpx.AsyncClient, path: str, status: int, /, **params: Any) -> str:
    """The message of a refusal."""
    response = await client.get(f"/api/im{path}", params=params)
    return check_refusal(response, status)


def check_refusal(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"data", "status_code", "status_msg"}
    assert body["data"] is None
    assert body["status_code"] == status
    return str(body["status_msg"])


async def move_by_hand(hub: Hub, account_id: str, reply_id: str, *steps: ReplyStep) -> None:
    """Move a reply on. The hub does not any more: it would take it back from a worker that is not connected."""
    vars(hub.replies)["tick"] = lambda: None
    for step in steps:
        await in_database(hub.write, account_id, ReplyMoved(reply_id=reply_id, step=step), Actor("hub"))
