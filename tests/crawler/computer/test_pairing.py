"""A computer gets its token for a code, keeps it for its user alone, and says in words what is wrong."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawler.computer.pairing import (
    NotPaired,
    Pairing,
    forget_pairing,
    load_pairing,
    redeem,
    save_pairing,
    websocket_address,
)
from crawler.computer.self_check import check_computer, format_findings

PAIRING = Pairing(hub="wss://hub.example/ws/worker/", token="front-desk:secret-token")


@contextmanager
def a_hub(status: int, body: Any) -> Iterator[tuple[str, list[bytes]]]:
    """Something that answers every POST so: its address, and what it was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path.encode() + b" " + self.rfile.read(int(self.headers["Content-Length"])))
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hub.example", "wss://hub.example/ws/worker/"),
        ("https://hub.example/accounts", "wss://hub.example/ws/worker/"),
        ("http://192.168.1.20:8000/", "ws://192.168.1.20:8000/ws/worker/"),
        ("192.168.1.20:8000", "ws://192.168.1.20:8000/ws/worker/"),
        ("wss://hub.example/ws/worker/", "wss://hub.example/ws/worker/"),
    ],
)
def test_the_address_of_the_browser_leads_to_the_worker_s(url: str, address: str) -> None:
    assert websocket_address(url) == address


@pytest.mark.parametrize("url", ["", "ftp://hub", "http://", "//", "http://[::1", "http://hub:eight", "hub:70000"])
def test_what_is_no_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(NotPaired, match="no address of a hub"):
        websocket_address(url)


def test_a_good_code_gives_the_token() -> None:
    answer = {"data": {"worker": "front-desk", "label": "前台电脑", "token": "front-desk:s"}, "status_code": 0}
    with a_hub(200, answer) as (url, asked):
        paired = redeem(url, "ABC234")
    assert (paired.worker, paired.token, paired.insecure) == ("front-desk", "front-desk:s", False)
    assert paired.hub == f"{url.replace('http', 'ws', 1)}/ws/worker/"
    assert asked == [b'/api/im/pair {"code": "ABC234"}']


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, {"data": None, "status_code": 404, "status_msg": "This code is wrong"}, "This code is wrong. Make a new"),
        (429, {"data": None, "status_code": 429, "status_msg": "Too many"}, r"refused \(429\): Too many"),
        (404, b"<html>", r"refused \(404\)"),
        (200, b"<html>", "no hub"),
        (200, {"data": None}, "gave no token"),
        (200, {"data": {"token": "without-a-name"}}, "gave no token"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, body: Any, words: str) -> None:
    with a_hub(status, body) as (url, _), pytest.raises(NotPaired, match=words):
        redeem(url, "ABC234")


def test_a_hub_that_is_away_is_said() -> None:
    with pytest.raises(NotPaired, match="cannot be reached"):
        redeem("http://127.0.0.1:9", "ABC234")


def test_what_answers_and_speaks_no_http_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
                connection.recv(1000)

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(NotPaired, match="cannot be reached"):
            redeem(f"http://127.0.0.1:{listening.getsockname()[1]}", "ABC234")
        thread.join()


def test_the_token_is_kept_for_this_user_alone_and_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "工作 电脑"
    assert load_pairing(folder) is None
    for _ in range(2):
        path = save_pairing(folder, PAIRING)
    assert load_pairing(folder) == PAIRING
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"{damaged")
    assert load_pairing(folder) is None
    forget_pairing(folder)
    forget_pairing(folder)
    assert not path.exists()


def check(pairing: Pairing | None, folder: Path, **facts: Any) -> str:
    values: dict[str, Any] = {
        "find_browser": lambda: "/usr/bin/chromium",
        "reach_hub": lambda _pairing: None,
        "is_autostarted": True,
    }
    return "\n".join(format_findings(check_computer(pairing, folder, **(values | facts))))


def test_the_self_check_says_what_is_missing_last(tmp_path: Path) -> None:
    fine = check(PAIRING, tmp_path)
    assert "!!" not in fine
    assert "paired as “front-desk”" in fine
    assert "secret-token" not in fine
    bare = check(None, tmp_path, find_browser=lambda: None).splitlines()
    assert bare[-2:] == [
        "  !!  There is no browser: install Google Chrome, Microsoft Edge or Chromium.",
        "  !!  This computer is not paired: run the command with --pair CODE --hub URL.",
    ]
    away = check(PAIRING, tmp_path, reach_hub=lambda _pairing: "timed out", is_autostarted=False)
    assert "!!  The hub does not answer at wss://hub.example/ws/worker/: timed out." in away
    assert "!!  It does not start by itself after a restart." in away
    (tmp_path / "file").write_text("")
    assert "!!  Nothing can be written into" in check(PAIRING, tmp_path / "file")
