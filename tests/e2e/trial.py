"""A hub, the platform, and computers with the networks between them, for a group of causes; and people who look."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import psutil
from msgspec.structs import replace

from demo.scenarios import ContractMaker
from demo.world import DemoAccount, DemoPerson, World
from tests.e2e.cables import HUB_SIDE, SITE_SIDE, Cables
from tests.e2e.cast import send_form
from tests.e2e.causes import Cause
from tests.e2e.relay import Relay
from tests.e2e.said import plain, read_banner, read_card, read_foot, read_told
from tests.every_state import Said, Told
from tests.processes import ROOT, Process
from tests.servers import Installation, eventually

LABEL: Final = "前台电脑"
INTERVALS_S: Final = {"profile": 600, "contents": 300, "messages": 5, "comments": 8, "notifications": 300}
_MAKE = """
import json
from django.contrib.auth import get_user_model
from im_api.models import ApiToken, Grant
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token
from tests.passwords import hash_cheaply
users, tokens = get_user_model().objects, {}
boss = users.create(username="boss", password=hash_cheaply("password-of-boss"), is_staff=True, is_superuser=True)
for name, worker, config, number in %r:
    there = Worker.objects.filter(name=worker).first() if worker else None
    if worker and there is None:
        there = Worker.objects.create(name=worker, label="前台电脑")
        tokens[worker] = new_worker_token(there)
    fields = {"name": "Shop " + name, "worker": there, "config": config, "platform_user_id": number}
    row = Account.objects.create(id=name, **fields)
    user = users.create(username="of-" + name, password=hash_cheaply("password-of-of-" + name))
    Grant.objects.create(user=user, account=row, level="operate")
print(json.dumps({"workers": tokens, "api": ApiToken.issue(boss, "test")[1]}))
"""
NO_PLATFORMS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "imhub.settings"
from django.core.management import execute_from_command_line
import crawler.platforms
crawler.platforms.PLATFORMS.clear()
execute_from_command_line(["manage.py", "runworker", "crawlers"])
"""
_WITHOUT_BROWSER = '#!/bin/sh\nexec /usr/bin/chromium-headless-shell "$@"\n'


def a_world(path: Path, causes: Sequence[Cause]) -> Path:
    """A world with an account for each cause."""
    maker = ContractMaker(World())
    for number in range(1, 41):
        maker.world.add_person(DemoPerson(f"2000000000{number:02d}", f"粉丝{number:02d}", f"fan{number:02d}"))
    text = msgspec.json.encode(maker.beta())
    for number, cause in enumerate(causes, start=1):
        own = text.replace(b"90000000002", b"9000000%04d" % number).replace(b"beta2025", b"dy%09d" % (1000 + number))
        account = msgspec.json.decode(own, type=DemoAccount)
        account.key = cause.account
        account.owner = DemoPerson(account.owner.uid, f"店{number:02d}", account.owner.short_id)
        maker.world.accounts[cause.account] = account
    path.write_bytes(msgspec.json.encode(maker.world))
    return path


class Trial:
    """A hub, the platform, the computers, and people who look."""

    def __init__(self, place: Installation, cables: Cables | None, desk: Path, causes: Sequence[Cause]) -> None:
        self.place, self.cables, self.desk, self.causes = place, cables, desk, causes
        place.env |= {"IMHUB_HOST": "0.0.0.0", "IMHUB_ALLOWED_HOSTS": f"127.0.0.1,{HUB_SIDE}"}  # noqa: S104
        scenario = str(a_world(desk / "world.json", causes))
        place.start_demo("--host", "0.0.0.0", "--phone-delay", "0.2", "--scenario", scenario)  # noqa: S104
        self.relays = {name: Relay(place.demo_port) for name in ("dead", "fault", "blank")}
        self.relays["dead"].is_dead = True
        self.to_hub = Relay(place.port)
        for cause in causes:
            if cause.switches:
                self.switch(cause.account, **cause.switches)
        rows = [(one.account, one.worker, self._config(one), one.number) for one in causes]
        made = json.loads(place.manage("shell", "-v0", "-c", _MAKE % (rows,)))
        self.tokens: dict[str, str] = made["workers"]
        place.start_hub()
        self.api = httpx.Client(base_url=place.url, timeout=30, headers={"Authorization": f"Token {made['api']}"})
        self.people: dict[tuple[str, str], httpx.Client] = {}
        self.workers: dict[str, Process] = {}
        self._in_the_net: list[subprocess.Popen[bytes]] = []

    def _config(self, cause: Cause) -> dict[str, Any]:
        config = self.place.demo_config(cause.account)
        port = self.relays[cause.through].port if cause.through else self.place.demo_port
        host = f"{SITE_SIDE}:{port}" if cause.worker == "cabled" else f"127.0.0.1:{port}"
        sites = {f"{part}_url": f"http://{host}/for/{cause.account}/{part}" for part in ("creator", "www", "im")}
        return config | sites | {"intervals": INTERVALS_S}

    def switch(self, account: str, **values: Any) -> None:
        url = f"http://127.0.0.1:{self.place.demo_port}/control/switches"
        assert httpx.post(url, json={"account": account, **values}).status_code == 200

    # -- computers

    def start(self, name: str, *arguments: str, hub_port: int = 0, **env: str) -> None:
        given = {
            "IMHUB_WORKER_HUB": f"ws://127.0.0.1:{hub_port or self.place.port}/ws/worker/",
            "IMHUB_WORKER_TOKEN": self.tokens[name],
            "IMHUB_WORKER_MAX_ACCOUNTS": str(self._places_of(name)),
            "IMHUB_SYNC_INTERVAL_S": "2",
        }
        log = self.place.place / f"worker-{name}.log"
        words = list(arguments) or ["manage.py", "runworker", "crawlers"]
        process = Process(name, words, self.place.env | given | env, log)
        self.place.processes.append(process)
        self.workers[name] = process

    def _places_of(self, name: str) -> int:
        """As many as it has accounts: nobody takes over those of a computer that is gone, unless that is the cause."""
        own = sum(one.worker == name for one in self.causes)
        return max(own, 1) + (name == "main" and "taken_over" in self.accounts)

    def start_in_the_net(self, name: str) -> None:
        """On a computer with a network of its own."""
        env = self.place.env | {
            "IMHUB_WORKER_HUB": f"ws://{HUB_SIDE}:{self.place.port}/ws/worker/",
            "IMHUB_WORKER_TOKEN": self.tokens[name],
            "IMHUB_WORKER_MAX_ACCOUNTS": "1",
            "IMHUB_SYNC_INTERVAL_S": "2",
        }
        assert self.cables is not None
        words = [*self.cables.command, sys.executable, "manage.py", "runworker", "crawlers", "--insecure"]
        with (self.place.place / f"worker-{name}.log").open("ab") as log:
            self._in_the_net.append(
                subprocess.Popen(words, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
            )

    def stop(self) -> None:
        for one in self._in_the_net:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                for child in psutil.Process(one.pid).children(recursive=True):
                    child.kill()
                os.killpg(one.pid, signal.SIGKILL)
            one.wait(10)

    def pull_cable(self) -> None:
        """Pull the cable between the computer with a network of its own and the platform."""
        assert self.cables is not None
        self.cables.pull("isite")

    def signal_browsers(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the browsers of a computer, and not to its worker."""
        for child in psutil.Process(self.workers[name].pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "chrom" in child.name():
                    child.send_signal(number)

    def start_without_browser(self, account: str) -> None:
        """Start a computer whose browser is there at the start of its worker, and not when the account needs it."""
        browser = self.desk / "browser"
        browser.write_text(_WITHOUT_BROWSER)
        browser.chmod(0o755)
        self.tokens["bare"] = self.place.manage("workertoken", "bare")
        label = f"from sync.models import Worker; Worker.objects.filter(name='bare').update(label={LABEL!r})"
        self.place.manage("shell", "-v0", "-c", label)
        self.start("bare", IMHUB_CHROMIUM=str(browser))
        log = self.workers["bare"]
        eventually(lambda: "connected" in log.tail() or None, "the worker is connected", 120)
        browser.unlink()
        self.place.manage(
            "addaccount", account, "--platform", "douyin", "--name", f"Shop {account}", "--worker", "bare"
        )

    # -- who looks

    def person(self, name: str, language: str) -> httpx.Client:
        if (name, language) not in self.people:
            client = httpx.Client(base_url=self.place.url, timeout=60, headers={"Accept-Language": language})
            given = {"username": name, "password": f"password-of-{name}"}
            assert send_form(client, "/login/", given).status_code == 302
            self.people[name, language] = client
        return self.people[name, language]

    def sign_in_all(self) -> None:
        """Sign everybody in beforehand: it takes seconds, and some things are said for seconds only."""
        for name in ("boss", *(f"of-{one.account}" for one in self.causes)):
            for language in ("en", "zh-hans"):
                self.person(name, language)

    @property
    def accounts(self) -> set[str]:
        return {one.account for one in self.causes}

    def cards(self, language: str) -> str:
        return self.person("boss", language).get("/accounts").text

    def told(self, account: str) -> Told:
        return read_told(self.api, account)

    def said(self, cause: Cause, language: str, page: str = "") -> Said:
        """All that is said of the account, in one language: the foot to an operator who sees it alone."""
        card = read_card(page or self.cards(language), cause.account)
        home = self.person(f"of-{cause.account}", language).get("/").text
        return plain(replace(card, banner=read_banner(home), foot=read_foot(home)), f"Shop {cause.account}")

    def is_read(self, account: str) -> bool:
        body: dict[str, Any] = self.api.get(f"/api/im/accounts/{account}").json()["data"]
        is_in = body["login_status"] == "logged_in"
        return is_in and {"messages", "comments"} <= set(body["seen_at"])
