"""The start of the demo sees when its accounts are in."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from imhub.launcher import arrivals
from imhub.launcher.arrivals import Arrivals, is_in

READ = ("messages", "comments")


def a_user(name: str, *surfaces: str, login: str = "logged_in") -> dict[str, Any]:
    return {"user_id": name, "login_status": login, "seen_at": dict.fromkeys(surfaces, 1)}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (a_user("a", *READ), True),
        (a_user("a", *READ, login="qrcode_pending"), False),
        (a_user("a", "messages"), False),
        (a_user("a"), False),
    ],
)
def test_an_account_is_in_when_it_is_logged_in_and_its_messages_and_comments_were_read(
    user: dict[str, Any], expected: bool
) -> None:
    assert is_in(user) is expected


class FakeHub(BaseHTTPRequestHandler):
    users: list[dict[str, Any]] | None = None
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(503 if self.users is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": {"users": self.users}}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(arrivals, "EVERY_S", 0.0)
    monkeypatch.setattr(FakeHub, "asked", [])
    with HTTPServer(("127.0.0.1", 0), FakeHub) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_the_wanted_accounts_are_in_once_each_of_them_is(hub: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "TIMEOUT_S", 5.0)
    found = Arrivals("127.0.0.1", hub, "imh_key", ["a", "b"])
    for users, expected in (
        (None, False),
        ([], False),
        ([a_user("a", *READ), a_user("c")], False),
        ([a_user("a", *READ), a_user("b", *READ), a_user("c")], True),
    ):
        monkeypatch.setattr(FakeHub, "users", users)
        assert found.are_in() is expected
    assert set(FakeHub.asked) == {("/api/im/accounts?count=200", "Token imh_key")}


def test_a_hub_is_not_asked_again_at_once(hub: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "EVERY_S", 3600.0)
    found = Arrivals("127.0.0.1", hub, "imh_key", ["a"])
    assert [found.are_in() for _ in range(5)] == [False] * 5
    assert len(FakeHub.asked) == 1


def test_nobody_is_in_at_a_hub_that_is_away() -> None:
    assert not Arrivals("127.0.0.1", 1, "imh_key", ["a"]).are_in()
