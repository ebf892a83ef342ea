"""From a fresh hub to the first conversation, as a new owner goes who has only the README.

What the computer shares with the hub is the network. `TRIAL_INSTALL=on` lets it install everything itself, as a
new computer does; else it has the packages already. Pictures of each step: build/fresh_hub/.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.phone import read_code
from tests.e2e.walk import Walk
from tests.processes import ROOT
from tests.servers import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.soak]

PASSWORD: Final = "a-Passw0rd-of-the-0wner"
OF_THE_MACHINE: Final = re.compile(r"PATH|LANG|TMPDIR|PIP_\w+|\w*_proxy|SSL_\w+|IMHUB_CHROMIUM", re.IGNORECASE)
"""What of the environment a terminal of that computer has too, whoever uses it."""
LOCALES: Final = {"en": "en-US", "zh-hans": "zh-CN"}


def own_address() -> str:
    """The address of this machine in its network; 127.0.0.1 without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # nothing is sent
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


class Computer:
    """A second directory with a checkout of its own: another machine, as far as one machine can be one."""

    def __init__(self, place: Path, site: str) -> None:
        self.place = place
        self.folder = place / "IM Hub"
        self.log = place / "worker.log"
        listing = [shutil.which("git") or "git", "ls-files", "-z"]
        sources = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True)
        for name in sources.stdout.split("\0"):
            if name and (ROOT / name).is_file():
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        if os.environ.get("TRIAL_INSTALL") != "on":
            self._copy_packages()
        machine = {name: value for name, value in os.environ.items() if OF_THE_MACHINE.fullmatch(name)}
        self.env = machine | {
            "HOME": str(place),
            "PYTHONUNBUFFERED": "1",
            **{f"IMHUB_DOUYIN_{part.upper()}_URL": f"{site}/{part}" for part in ("creator", "www", "im")},
        }

    def _copy_packages(self) -> None:
        """As after a first run of the command. Files are linked: this is a gigabyte."""
        venv = self.folder / ".venv"
        source = (ROOT / ".venv").resolve()
        shutil.copytree(source, venv, symlinks=True, copy_function=os.link)
        stamp = hashlib.sha256(str(venv).encode() + b"\0" + (ROOT / "requirements.lock").read_bytes()).hexdigest()
        for old in venv.glob("imhub-*.stamp"):
            old.unlink()
        (venv / "imhub-run.stamp").write_text(stamp)

    def run(self, command: str) -> str:
        """What the command said that the page shows, typed into a terminal there."""
        words = shlex.split(command)
        assert words[:2] == ["python3", "bootstrap.py"]
        done = subprocess.run(
            [sys.executable, *words[1:]], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start_by_hand(self, said: str) -> subprocess.Popen[bytes]:
        """Start the worker with the command that was printed where nothing starts it by itself."""
        [command] = re.findall(r"Start it by hand: (.+)", said)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                shlex.split(command), cwd=self.place, env=self.env, stdout=log, stderr=log, start_new_session=True
            )


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Installation]:
    """By the README: migrate, createsuperuser, serve, at this machine's address in its network."""
    hub = Installation(tmp_path, is_bare=True)
    address = own_address()
    hub.url = f"http://{address}:{hub.port}"
    hub.env["IMHUB_HOST"] = address
    hub.manage("migrate", "-v", "0")
    hub.env |= {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    hub.manage("createsuperuser", "--noinput", "--username", "boss", "--email", "")
    del hub.env["DJANGO_SUPERUSER_PASSWORD"]
    hub.start_hub()
    yield hub
    hub.stop()


@pytest.fixture
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo's site: its phones lie beside no browser, so somebody must scan."""
    place = Installation(tmp_path_factory.mktemp("platform"))
    place.start_demo("--scenario", "demo", "--fans-interval", "0")
    yield place
    place.stop()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_new_owner_sees_the_first_conversation(
    hub: Installation,
    platform: Installation,
    browser: Browser,
    language: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    computer = Computer(tmp_path_factory.mktemp("desk"), f"http://127.0.0.1:{platform.demo_port}")
    walk = Walk(ROOT / "build" / "fresh_hub" / language, language)
    context = browser.new_context(locale=LOCALES[language], viewport={"width": 1366, "height": 768})
    page, worker = context.new_page(), None
    try:
        sign_in(walk, page, hub)
        said = add_computer(walk, page, computer)
        worker = computer.start_by_hand(said)
        see_it_connected(walk, page)
        add_account(walk, page)
        scan(walk, page, browser)
        see_conversation(walk, page)
    except BaseException:
        page.screenshot(path=walk.pictures / "failed.png")
        raise
    finally:
        print(f"\n{walk.report()}\nPictures: {walk.pictures}")
        if worker is not None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)
        context.close()
    assert sum(step.clicks for step in walk.steps) <= 16


def sign_in(walk: Walk, page: Page, hub: Installation) -> None:
    page.goto(hub.url)
    walk.look(page, "the address of the hub is opened")
    walk.type(page.locator("#id_username"), "boss")
    walk.type(page.locator("#id_password"), PASSWORD)
    page.press("#id_password", "Enter")
    expect(page.locator(".first-steps")).to_be_visible(timeout=30_000)
    walk.look(page, "signed in", at_all_sizes=True)


def add_computer(walk: Walk, page: Page, computer: Computer) -> str:
    """What the command said on that computer."""
    walk.click(page.locator(".first-steps").last, "Add a computer")
    walk.type(page.locator("#id_label"), "前台电脑")
    walk.look(page, "the computer has a name")
    walk.click(page, "Show the command")
    command = page.locator("#command-linux")
    expect(command).to_be_visible(timeout=30_000)
    walk.look(page, "the command is shown", at_all_sizes=True)
    said = computer.run(command.inner_text())
    print(said)
    walk.look(page, "the command has run on the computer")
    return said


def see_it_connected(walk: Walk, page: Page) -> None:
    next_step = page.locator("#computer").get_by_role("link", name=walk.say("Add an account"))
    expect(next_step).to_be_visible(timeout=90_000)
    walk.look(page, "the computer is connected", at_all_sizes=True)


def add_account(walk: Walk, page: Page) -> None:
    walk.click(page.locator("#computer"), "Add an account")
    walk.type(page.locator("#id_user_name"), "小满花店")
    walk.look(page, "the account has a name")
    walk.click(page.locator("#form-card"), "Add")
    expect(page.locator(".cards .card").first).to_contain_text("小满花店", timeout=30_000)
    walk.look(page, "the account is there", at_all_sizes=True)


def scan(walk: Walk, page: Page, browser: Browser) -> None:
    walk.click(page.locator("#accounts"), "Log in by QR", within_s=120)
    dialog = page.locator("#form-dialog")
    code = dialog.get_by_role("img", name=walk.say("Login code"))
    expect(code).to_be_visible(timeout=90_000)
    walk.look(page, "the code is shown", at_all_sizes=True)
    address = read_code(code.screenshot())
    context = browser.new_context(
        locale="zh-CN", viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True
    )
    try:
        phone = context.new_page()
        phone.goto(address)
        walk.look(phone, "the phone has scanned the code")
        walk.press(phone.locator("button"))
        expect(phone.get_by_role("heading", name="已在电脑上登录")).to_be_visible(timeout=30_000)
        walk.look(phone, "the phone has confirmed")
    finally:
        context.close()
    expect(dialog.locator(".say")).to_have_text(re.compile(walk.say("Logged in. “%(account)s” is being read now.")[:4]),
                                                timeout=60_000)  # fmt: skip
    walk.look(page, "logged in")
    walk.click(dialog, "Done", context="dialog")


def see_conversation(walk: Walk, page: Page) -> None:
    walk.look(page, "the account is being read", at_all_sizes=True)
    walk.press(page.locator(".card .actions a").first)
    row = page.locator("#list .row").first
    expect(row).to_be_visible(timeout=120_000)
    walk.look(page, "the first rows are there")
    walk.press(row)
    expect(page.locator("#thread .message, #thread .comment").first).to_be_visible(timeout=30_000)
    walk.look(page, "the first conversation")
