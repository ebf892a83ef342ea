"""Hubs of every promised combination of server, channel layer and database. What their API answers is checked."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests import redis
from tests.e2e.cast import Cast, Operator, ask, make_cast, send_form
from tests.openapi import description
from tests.processes import Process
from tests.servers import Installation


class Combination(NamedTuple):
    server: Literal["Uvicorn", "Daphne"]
    layer: Literal["memory", "Redis"]
    database: Literal["SQLite", "PostgreSQL"]

    def __str__(self) -> str:
        return "-".join(self)


SERVE: Final = {"Uvicorn": ("serve",), "Daphne": ("runserver", "--noreload")}
# Daphne sends no code from 1001 to 2999.
TOO_LARGE: Final = {"Uvicorn": 1009, "Daphne": 4009}
# Each test has an account of its own: their order does not matter.
ACCOUNTS: Final = ("next", "parts", "broken", "big", "again", "lists", "writes", "new", "stop")
OPERATORS: Final = (
    Operator("ann", dict.fromkeys(ACCOUNTS, "operate")),
    Operator("ben", {"lists": "read"}),
    Operator("boss", {}, is_staff=True),
    Operator("gone", {"lists": "read"}),
)
LISTS: Final = {
    "conversations": "conversation_id",
    "messages": "msg_id",
    "contents": "content_id",
    "discussions": "discussion_id",
    "notifications": "notification_id",
    "unified-messages": "msg_id",
}


class Contract(NamedTuple):
    kind: Combination
    cast: Cast

    def start(self) -> Process:
        place = self.cast.place
        address = [f"127.0.0.1:{place.port}"] if self.kind.server == "Daphne" else []
        hub = place.start("hub", *SERVE[self.kind.server], *address)
        place.wait_for(hub, f"{self.cast.url}/healthz")
        return hub

    @property
    def hub(self) -> Process:
        return self.cast.place.processes[-1]

    def client(self, name: str | None) -> httpx.Client:
        """With the token of that operator; None: without any."""
        return checked(self.cast.client(name))

    @contextmanager
    def browser(self, name: str) -> Iterator[httpx.Client]:
        """Signed in."""
        with self.cast.browser(name) as client:
            yield checked(client)

    def socket(self, token: str | None, path: str = "/ws/worker/", host: str = "127.0.0.1") -> ClientConnection:
        """`host`: what the client believes it talks to."""
        port = self.cast.place.port
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        line = socket.create_connection(("127.0.0.1", port), timeout=20)
        return connect(f"ws://{host}:{port}{path}", sock=line, additional_headers=headers, close_timeout=1)


@contextmanager
def running(kind: Combination, place: Path, database: str) -> Iterator[Contract]:
    """`database`: its address."""
    with ExitStack() as stack:
        installation = Installation(place, database)
        stack.callback(installation.stop)
        if kind.layer == "Redis":
            installation.env["IMHUB_REDIS_URL"] = stack.enter_context(redis.running_server()).url
        contract = Contract(kind, make_cast(installation, *OPERATORS))
        contract.start()
        yield contract


# -- clients


def checked(client: httpx.Client) -> httpx.Client:
    """Each answer of the API must be as the OpenAPI document says."""
    client.event_hooks["response"].append(_check)
    return client


def _check(response: httpx.Response) -> None:
    path = response.request.url.path
    if path.startswith("/api/"):
        response.read()
        description().check(response.request.method, path, response.status_code, response.headers, response.content)


def get(client: httpx.Client, path: str) -> Any:
    """The data of a read that succeeds; `path` below /api/im/."""
    response = client.get(f"/api/im/{path}")
    assert response.status_code == 200, response.text
    return response.json()["data"]


def walk(client: httpx.Client, name: str, account: str, count: int = 200) -> list[Any]:
    """Every row of a list, page by page."""
    rows: list[Any] = []
    cursor = "0"
    while cursor:
        page = get(client, f"{name}?account_id={account}&count={count}&cursor={cursor}")
        rows += page[name if name != "unified-messages" else "messages"]
        cursor = page["cursor"]
    return rows


def everything(client: httpx.Client, accounts: tuple[str, ...] = ACCOUNTS) -> dict[tuple[str, str], Any]:
    """All that a person can list, and what is unread."""
    told: dict[tuple[str, str], Any] = {(a, name): walk(client, name, a) for a in accounts for name in LISTS}
    return told | {(a, "stats"): get(client, f"unified-messages/stats?account_id={a}") for a in accounts}


# -- workers


def sync(worker: ClientConnection, account: str, snapshot: dict[str, Any], **extra: Any) -> dict[str, Any]:
    """The ack of a snapshot."""
    return ask(worker, "worker:data:sync", a_sync(account, snapshot, **extra))


def a_sync(account: str, snapshot: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"accountId": account, "platform": "douyin", "timestamp": 1, "snapshot": snapshot, **extra}


def close_code(worker: ClientConnection) -> int | None:
    """With which the hub ends this connection; 1006: without a close frame."""
    try:
        while True:
            worker.recv(20)
    except ConnectionClosed:
        return worker.protocol.close_code


# -- the owner


def add_worker(boss: httpx.Client, name: str) -> str:
    """Its token, as the page shows it."""
    return _secret(send_form(boss, "/admin/sync/worker/add/", {"name": name, "max_accounts": 5}))


def renew_token(boss: httpx.Client, name: str) -> str:
    """The new one; that of before is good no more."""
    path = f"/admin/sync/worker/?q={name}"
    row = _find(r'name="_selected_action" value="(\d+)"', boss.get(path).text)
    return _secret(send_form(boss, path, {"action": "new_token", "_selected_action": row, "confirmed": "yes"}))


def revoke_api_token(boss: httpx.Client, user: str) -> None:
    row = _find(r"/admin/im_api/apitoken/(\d+)/", boss.get(f"/admin/im_api/apitoken/?q={user}").text)
    assert send_form(boss, f"/admin/im_api/apitoken/{row}/delete/", {"post": "yes"}).status_code == 302


def _secret(page: httpx.Response) -> str:
    return _find(r'<pre id="secret">(.+?)</pre>', page.text)


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]
