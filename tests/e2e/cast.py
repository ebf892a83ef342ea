"""Accounts, operators and a worker of an installation, made in one go, and what each of them can do over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.servers import Installation

_MAKE = """
import json
from django.contrib.auth import get_user_model
from im_api.models import ApiToken, Grant
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token
from tests.passwords import hash_cheaply
worker = Worker.objects.create(name="w1")
tokens = {}
operators, configs = %r
for name, grants, staff in operators:
    roles = {"is_staff": staff, "is_superuser": staff}
    password = hash_cheaply("password-of-" + name)
    user = get_user_model().objects.create(username=name, password=password, **roles)
    for account, level in grants.items():
        given = {"name": account, "worker": worker, "config": configs.get(account, {})}
        row, _ = Account.objects.get_or_create(id=account, defaults=given)
        Grant.objects.create(user=user, account=row, level=level)
    tokens[name] = ApiToken.issue(user, "test")[1]
print(json.dumps({"worker": new_worker_token(worker), "tokens": tokens}))
"""


class Operator(NamedTuple):
    """`grants`: account id -> level. Its password is `password-of-<name>`."""

    name: str
    grants: dict[str, str]
    is_staff: bool = False


class Cast(NamedTuple):
    place: Installation
    worker_token: str
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.place.port}"

    def client(self, name: str | None) -> httpx.Client:
        """With the token of that operator; None: without any."""
        return httpx.Client(base_url=self.url, headers=self.headers(name), timeout=60)

    def async_client(self, name: str | None) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=self.headers(name), timeout=60)

    def headers(self, name: str | None) -> dict[str, str]:
        return {"Authorization": f"Token {self.tokens[name]}"} if name else {}

    @contextmanager
    def browser(self, name: str) -> Iterator[httpx.Client]:
        """Signed in."""
        with self.client(None) as client:
            given = {"username": name, "password": f"password-of-{name}"}
            assert send_form(client, "/login/", given).status_code == 302
            yield client

    @contextmanager
    def worker(self) -> Iterator[ClientConnection]:
        """Registered as w1, with all accounts. It speaks plain JSON."""
        headers = {"Authorization": f"Bearer {self.worker_token}"}
        address = f"ws://127.0.0.1:{self.place.port}/ws/worker/"
        with connect(address, additional_headers=headers, max_size=None, close_timeout=1) as socket:
            register = {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 50}
            assert ask(socket, "worker:register", register)["success"]
            yield socket


def make_cast(place: Installation, *operators: Operator, configs: Mapping[str, dict[str, Any]] | None = None) -> Cast:
    """`configs`: of accounts, where there is something to say."""
    given = [tuple(operator) for operator in operators], dict(configs or {})
    made = json.loads(place.manage("shell", "-v0", "-c", _MAKE % (given,)))
    return Cast(place, made["worker"], made["tokens"])


def a_frame(type: str, payload: Any, request_id: str) -> str:
    frame = {"type": type, "version": "v1", "timestamp": 1_790_000_000_000, "payload": payload}
    return json.dumps({**frame, "requestId": request_id})


def ask(socket: ClientConnection, type: str, payload: Any) -> dict[str, Any]:
    """The payload of the answer, whatever is said before it."""
    socket.send(a_frame(type, payload, "asked"))
    while True:
        frame = json.loads(socket.recv(60))
        if frame.get("requestId") == "asked":
            answer: dict[str, Any] = frame["payload"]
            return answer


def send_form(client: httpx.Client, path: str, fields: dict[str, Any], *, page: str = "") -> httpx.Response:
    """As a browser does, with the token of the form. `page`: where the form stands, if not at `path`."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(page or path).text)
    assert token
    return client.post(path, data={**fields, "csrfmiddlewaretoken": token[1]})


_TELLS: Final = {
    "tell_troubles": "on", "minutes": "30", "days": list("0123456"), "opens": "0:00", "closes": "24:00",
    "quiet_from": "23:00", "quiet_to": "8:00", "language": "en",
}  # fmt: skip


def tell_troubles(boss: httpx.Client, host: str, *labels: str) -> None:
    """Let alerts of troubles go to `host`, a place for each label under its name. `boss`: signed in."""
    assert send_form(boss, "/alerts", _TELLS).status_code in (200, 303)
    for label in labels:
        given = {"label": label, "address": f"json://{host}/{label}"}
        assert send_form(boss, "/alerts/people", given, page="/alerts").status_code == 303
