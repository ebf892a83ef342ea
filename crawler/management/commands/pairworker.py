"""`manage.py pairworker --pair CODE --hub URL`: make this computer one that reads accounts."""

from __future__ import annotations

import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from playwright.sync_api import sync_playwright

from crawler.browsers.chromium import NoChromium, find_chromium
from crawler.computer import autostart, pairing
from crawler.computer.self_check import check_computer, format_findings

_TIMEOUT_S: Final = 10


class Command(BaseCommand):
    help = (
        "Pairs this computer with a hub (--pair CODE --hub URL), has the worker started now and after each restart, "
        "and says what is missing. Without --pair it looks only. --remove undoes all of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pair", metavar="CODE", help="the six characters that the accounts page shows")
        parser.add_argument("--hub", metavar="URL", help="the address of the hub, as browsers use it")
        parser.add_argument("--no-autostart", action="store_true", help="do not start it after a restart")
        parser.add_argument("--remove", action="store_true", help="stop it, and forget the token")

    def handle(self, **options: Any) -> None:
        folder = settings.DATA_DIR / pairing.PAIRING_FOLDER
        job = _job(folder)
        way = autostart.make_autostart(autostart.this_system(), Path.home(), job)
        if options["remove"]:
            autostart.remove(way)
            pairing.forget_pairing(folder)
            self.stdout.write("The worker is stopped and starts no more; its token is removed.")
            return
        if options["pair"] or options["hub"]:
            self._pair(folder, options["pair"], options["hub"])
            if not options["no_autostart"]:
                self._start(way, job)
        self._check(folder, way)

    def _pair(self, folder: Path, code: str | None, hub: str | None) -> None:
        if not code or not hub:
            raise CommandError("both are needed: --pair CODE --hub URL")
        try:
            paired = pairing.redeem(hub, code)
        except pairing.NotPaired as error:
            raise CommandError(str(error)) from error
        pairing.save_pairing(folder, paired)
        self.stdout.write(f"Paired as “{paired.worker}”.")

    def _start(self, way: autostart.Autostart, job: autostart.Job) -> None:
        try:
            autostart.install(way)
        except (autostart.NotInstalled, OSError) as error:
            self.stderr.write(f"It could not be set up to start by itself: {error}.")
            self.stderr.write(f"Start it by hand: {autostart.format_command(job)}")

    def _check(self, folder: Path, way: autostart.Autostart) -> None:
        findings = check_computer(
            pairing.load_pairing(folder),
            folder,
            find_browser=_find_browser,
            reach_hub=_reach_hub,
            is_autostarted=way.path.exists(),
        )
        for line in format_findings(findings):
            self.stdout.write(line)


def _job(folder: Path) -> autostart.Job:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "runworker", "crawlers")
    return autostart.Job(command, Path(settings.BASE_DIR), folder / "worker.log")


def _find_browser() -> str | None:
    with sync_playwright() as playwright:
        try:
            return find_chromium(playwright, settings.CHROMIUM or None) or playwright.chromium.executable_path
        except NoChromium:
            return None


def _reach_hub(paired: pairing.Pairing) -> str | None:
    """Return None if the hub answers, else why not."""
    address = paired.hub.replace("ws", "http", 1).removesuffix("/ws/worker/") + "/api/im/health"
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_S):  # noqa: S310
            return None
    except (OSError, ValueError, HTTPException) as error:
        return str(getattr(error, "reason", error))
