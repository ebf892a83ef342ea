"""The product as real processes: hub, worker, demo site. Each has its own log; all end with the test."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.migrated import copy_migrated
from tests.openapi import description
from tests.processes import Process, plain_environment, run_python

POLL_S = 0.02
OWN_PORTS = range(20_000, 32_000)
T = TypeVar("T")
_claims: list[socket.socket] = []
"""Until this process ends."""


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on, and that no other process of the tests is given meanwhile.

    The system gives ports above these to whoever asks for any: before a server has started, another test had its port.
    """
    found: list[int] = []
    for port in random.SystemRandom().sample(OWN_PORTS, len(OWN_PORTS)):
        if len(found) == count:
            break
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # beside TCP's, of the same number
        try:
            claim.bind(("127.0.0.1", port))
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            claim.close()
        else:
            _claims.append(claim)
            found.append(port)
    assert len(found) == count, "no port is free"
    return found


def eventually(look: Callable[[], T | None], what: str, within_s: float) -> T:
    """Return what `look` gives once it is true. Polls."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(POLL_S)


class Installation:
    """A data directory of its own and what runs on it.

    `database`: for IMHUB_DATABASE_URL, with all tables; '' is SQLite, with all tables unless `is_bare`.
    """

    def __init__(self, place: Path, database: str = "", *, is_bare: bool = False) -> None:
        self.place = place
        self.port, self.demo_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = place / "data"
        self.data_dir.mkdir()
        self.processes: list[Process] = []
        self.env = plain_environment(os.environ) | {
            "IMHUB_DATA_DIR": str(self.data_dir),
            "IMHUB_DATABASE_URL": database,
            "IMHUB_PORT": str(self.port),
            "IMHUB_DEMO_PORT": str(self.demo_port),
            "PYTHONUNBUFFERED": "1",
            "IMHUB_WORKER_BROWSER": "hidden",
        }
        if chromium := os.environ.get("IMHUB_CHROMIUM"):
            self.env["IMHUB_CHROMIUM"] = chromium
        if not database and not is_bare:
            copy_migrated(self.data_dir)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with `arguments` to its end, however that is."""
        return run_python(*arguments, env=self.env)

    def manage(self, *arguments: str) -> str:
        """Run a command that succeeds. Return its stdout."""
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def start(self, name: str, *arguments: str, speaks: bool = False, **env: str) -> Process:
        log = self.place / f"{name}.log"
        process = Process(name, ["manage.py", *arguments], self.env | env, log, speaks=speaks)
        self.processes.append(process)
        return process

    def start_hub(self) -> Process:
        hub = self.start("hub", "serve")
        self.wait_for(hub, f"{self.url}/healthz")
        return hub

    def start_demo(self, *arguments: str) -> Process:
        demo = self.start("demo", "demosite", "--port", str(self.demo_port), *arguments)
        self.wait_for(demo, f"http://127.0.0.1:{self.demo_port}/control/state")
        return demo

    def start_worker(self, token: str, name: str = "worker") -> Process:
        return self.start(
            name,
            "runworker",
            "crawlers",
            IMHUB_WORKER_HUB=f"ws://127.0.0.1:{self.port}/ws/worker/",
            IMHUB_WORKER_TOKEN=token,
            IMHUB_SYNC_INTERVAL_S="2",
        )

    def wait_for(self, process: Process, url: str) -> None:
        def answers() -> bool:
            assert process.alive, f"{process.name} ended: {process.tail()}"
            try:
                return bool(urlopen(url, timeout=2).status == 200)
            except OSError:
                return False

        eventually(answers, f"{process.name} answers at {url}", 60)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()

    def get(self, path: str, token: str | None = None) -> dict[str, Any]:
        """The body of a GET, whatever its status. It is what the OpenAPI document says, or the test fails."""
        headers = {"Authorization": f"Token {token}"} if token else {}
        request = Request(f"{self.url}{path}", headers=headers)
        try:
            with urlopen(request, timeout=30) as answer:
                return self._described("GET", path, answer)
        except HTTPError as error:
            return self._described("GET", path, error)
        except (URLError, ConnectionError) as error:
            return {"status_code": 0, "status_msg": str(error), "data": None}

    def _described(self, method: str, path: str, answer: Any) -> dict[str, Any]:
        content = answer.read()
        description().check(method, path.partition("?")[0], answer.status, answer.headers, content)
        body: dict[str, Any] = json.loads(content)
        return body

    def walk(self, path: str, key: str, token: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.get(path + (f"&cursor={cursor}" if cursor else ""), token)
            assert page["status_code"] == 0, page
            assert page["data"], page  # nobody answered
            rows += page["data"][key]
            cursor = page["data"]["cursor"]
            if not page["data"]["has_more"]:
                assert cursor is None
                return rows

    # -- the demo site

    def demo_config(self, name: str) -> dict[str, Any]:
        """Of an account whose phone lies beside the browser and confirms by itself."""
        base = f"http://127.0.0.1:{self.demo_port}/for/{name}"
        return {
            "creator_url": f"{base}/creator",
            "www_url": f"{base}/www",
            "im_url": f"{base}/im",
            "pace": 0.05,
            "read_notices": True,
            "intervals": {"profile": 30, "contents": 15, "messages": 3, "comments": 5, "notifications": 4},
        }

    def truth(self, account_id: str) -> dict[str, Any]:
        """What the demo site says is there."""
        account: dict[str, Any] = self._state()["accounts"][account_id]
        return account

    def people(self) -> dict[str, dict[str, Any]]:
        """By uid: fans, and the owners of accounts."""
        state = self._state()
        owners = {account["owner"]["uid"]: account["owner"] for account in state["accounts"].values()}
        people: dict[str, dict[str, Any]] = state["people"] | owners
        return people

    def inject(self, account_id: str, text: str, nickname: str = "") -> None:
        """A fan writes a private message now: the one of that nickname, or somebody new."""
        event = {"account": account_id, "kind": "message", "text": text, "nickname": nickname}
        body = json.dumps(event).encode()
        url = f"http://127.0.0.1:{self.demo_port}/control/event"
        with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=30) as answer:
            assert answer.status == 200

    def _state(self) -> dict[str, Any]:
        with urlopen(f"http://127.0.0.1:{self.demo_port}/control/state", timeout=30) as answer:
            state: dict[str, Any] = json.load(answer)
        return state
