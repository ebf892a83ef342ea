"""What another process takes away, a running hub takes away too: within its look every 250 ms, and one request."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.e2e.cast import Cast, Operator, make_cast
from tests.servers import Installation, eventually

pytestmark = pytest.mark.e2e

WITHIN_S = 2.0  # 0.25 and the time of a busy machine


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    place = Installation(tmp_path_factory.mktemp("revocation"))
    try:
        operators = [Operator(name, {"roses": "operate", "tea": "operate"}) for name in ("ann", "ben", "dan", "eve")]
        cast = make_cast(place, *operators)
        place.start_hub()
        yield cast
    finally:
        place.stop()


_TAKE_AWAY = """
import time
from django.contrib.auth import get_user_model
from im_api.models import ApiToken, Grant
ben = get_user_model().objects.get(username="ben")
ben.set_password("another")
ben.save()
Grant.objects.get(user__username="ann", account="tea").delete()
grant = Grant.objects.get(user__username="ann", account="roses")
grant.level = "read"
grant.save()
eve = get_user_model().objects.get(username="eve")
eve.is_active = False
eve.save()
print(time.time())
"""


def status(client: httpx.Client, path: str = "/api/im/accounts") -> int:
    return client.get(path).status_code


def mark_read(client: httpx.Client, account: str) -> int:
    body = {"account_id": account, "before": 1_790_000_000_000}
    return client.put("/api/im/unified-messages/read-many", json=body).status_code


def levels(client: httpx.Client) -> dict[str, str]:
    users = client.get("/api/im/accounts").json()["data"]["users"]
    return {user["user_id"]: user["grant"] for user in users}


def listening(cast: Cast, name: str, browser: httpx.Client | None = None) -> ClientConnection:
    """Subscribed to everything; with the token, or as a page in that browser."""
    headers = cast.headers(name)
    if browser is not None:
        cookies = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
        headers = {"Cookie": cookies, "Origin": cast.url}
    socket = connect(f"ws://127.0.0.1:{cast.place.port}/ws/im/", additional_headers=headers, close_timeout=1)
    socket.send(json.dumps({"type": "subscribe", "accounts": "all"}))
    assert json.loads(socket.recv(10))["type"] == "subscribed"
    return socket


def told(socket: ClientConnection) -> list[dict[str, Any]]:
    """Until now, without how fresh everything is."""
    socket.send('{"type": "ping"}')
    frames = []
    while (frame := json.loads(socket.recv(10)))["type"] != "pong":
        frames.append(frame)
    return [frame for frame in frames if frame["type"] != "fresh"]


def code_of(socket: ClientConnection) -> int | None:
    """With which it is closed."""
    try:
        while True:
            socket.recv(WITHIN_S)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_a_running_hub_follows_what_another_process_takes_away(cast: Cast) -> None:
    with (
        cast.client("ann") as ann,
        cast.client("eve") as eve,
        cast.client("ben") as ben,
        cast.browser("ben") as browser,
    ):
        assert levels(ann) == {"roses": "operate", "tea": "operate"}
        assert [status(client) for client in (eve, ben, browser)] == [200, 200, 200]
        assert mark_read(ann, "roses") == 200
        anns, eves, bens = listening(cast, "ann"), listening(cast, "eve"), listening(cast, "ben")
        page = listening(cast, "ben", browser)
        cast.place.manage("shell", "-v0", "-c", _TAKE_AWAY)
        done = time.monotonic()
        eventually(lambda: status(eve) == 401, "a blocked user is refused", WITHIN_S)
        assert levels(ann) == {"roses": "read"}
        assert (mark_read(ann, "roses"), mark_read(ann, "tea")) == (403, 404)
        assert status(ann, "/api/im/conversations?account_id=tea") == 404
        assert (status(browser), status(ben)) == (401, 200)
        assert time.monotonic() - done < WITHIN_S
        assert (code_of(eves), code_of(page)) == (4001, 4001)
        assert told(bens) == []
        assert sorted((frame["type"], frame["account"]) for frame in told(anns)) == [
            ("error", "tea"),
            ("reset", "roses"),
        ]
        for socket in (anns, bens):
            socket.close()


def test_a_running_hub_follows_what_another_process_gives(cast: Cast) -> None:
    with cast.client("dan") as before:
        assert status(before) == 200
        old = listening(cast, "dan")
        newer = cast.place.manage("apitoken", "dan", "--name", "test")
        eventually(lambda: status(before) == 401, "the token of that name was replaced", WITHIN_S)
        assert code_of(old) == 4001
        with httpx.Client(base_url=cast.url, headers={"Authorization": f"Token {newer}"}) as dan:
            assert status(dan) == 200
            options = ("--platform", "douyin", "--name", "新号")
            cast.place.manage("addaccount", "new", *options, "--operator", "dan")
            eventually(lambda: "new" in levels(dan), "an account is granted", WITHIN_S)
