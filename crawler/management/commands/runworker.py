"""`manage.py runworker crawlers` runs the crawler; with any other channel name it is Channels' own command."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any, cast

from channels.management.commands.runworker import Command as ChannelsCommand
from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import CommandParser
from msgspec.structs import replace

from crawler.account.crawl import SyncTiming
from crawler.browsers.browser import Browser
from crawler.browsers.chromium import NoChromium, Wish, is_hidden
from crawler.browsers.watchdog import Watchdog
from crawler.computer.machine import get_host_id
from crawler.computer.pairing import PAIRING_FOLDER, Pairing, load_pairing
from crawler.platforms import PLATFORMS, record
from crawler.platforms.base import PlatformFactory
from crawler.progress import open_display
from crawler.recording.recorder import Recordings
from crawler.stop_signals import call_at_first_signal
from crawler.uplink.hub_silence import HubSilence
from crawler.uplink.uplink import LinkRefused, Replaced, check_hub_url
from crawler.worker import CrawlWorker
from crawler.worker_options import WorkerOptions, now_ms
from sync.protocol.ids import is_worker_id

CHANNEL = "crawlers"


class Command(ChannelsCommand):
    help = "Runs the crawler (channel 'crawlers'), or Channels' worker for other channels."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--hub", help="ws://host:port/ws/worker/ (or IMHUB_WORKER_HUB)")
        parser.add_argument("--token", help="from `manage.py workertoken NAME`; better in IMHUB_WORKER_TOKEN")
        parser.add_argument("--worker-id", help="default: the token's worker (or IMHUB_WORKER_ID)")
        parser.add_argument(
            "--max-accounts", help="how many accounts at once, default 5 (or IMHUB_WORKER_MAX_ACCOUNTS)"
        )
        parser.add_argument("--insecure", action="store_true", help="allow ws:// beyond this machine")
        parser.add_argument(
            "--headed", action="store_true", help="show the browser's window (as IMHUB_WORKER_BROWSER=visible)"
        )
        parser.add_argument(
            "--no-codes", action="store_true", help="print no login codes: phones confirm by themselves (the demo)"
        )

        parser.add_argument(
            "--record",
            metavar="DIR",
            help="keep what pages load, with other names, texts and ids: crawler.replay reads it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if CHANNEL not in options["channels"]:
            super().handle(*args, **options)
            return
        if options["channels"] != [CHANNEL]:
            raise CommandError(f"the channel {CHANNEL!r} runs alone")
        shows_codes = not options["no_codes"]
        hidden = is_hidden(_wish(options), sys.platform, os.environ)
        worker = replace(read_options(options), has_window=not hidden)
        platforms = record(Recordings(Path(options["record"]), now_ms)) if options["record"] else PLATFORMS
        asyncio.run(self._crawl(worker, platforms, hidden=hidden, shows_codes=shows_codes))

    async def _crawl(
        self, options: WorkerOptions, platforms: Mapping[str, PlatformFactory], *, hidden: bool, shows_codes: bool
    ) -> None:
        try:
            with open_display(now_ms, shows_codes=shows_codes) as display:
                async with Browser(executable=settings.CHROMIUM or None, hidden=hidden) as browser:
                    await browser.check()
                    with Watchdog() as watchdog:
                        silence = HubSilence(on_change=watchdog.tell)
                        worker = CrawlWorker(options, platforms, browser, display, silence=silence)
                        call_at_first_signal(worker.stop)
                        await worker.run()
        except Replaced as replaced:
            self.stderr.write(f"{options.worker_id}: {replaced}")
        except (LinkRefused, NoChromium) as error:
            raise CommandError(str(error)) from error


def _wish(options: dict[str, Any]) -> Wish:
    return "visible" if options["headed"] else cast(Wish, settings.WORKER_BROWSER)


def read_options(options: dict[str, Any]) -> WorkerOptions:
    """Return the worker's options: from the arguments first, then from the environment. Raises CommandError."""
    paired = _find_pairing(options)
    hub = _get(options, "hub") or (paired.hub if paired else "")
    token = _get(options, "token") or (paired.token if paired else "")
    hub = hub or _missing("the hub's address", "--hub", "IMHUB_WORKER_HUB")
    token = token or _missing("the worker's token", "--token", "IMHUB_WORKER_TOKEN")
    insecure = options["insecure"] or (paired is not None and paired.insecure)
    worker_id = _get(options, "worker_id", "ID") or token.partition(":")[0]
    if not is_worker_id(worker_id):
        raise CommandError("the token does not name its worker: is it whole? (or give --worker-id)")
    try:
        check_hub_url(hub, insecure=insecure)
    except LinkRefused as error:
        raise CommandError(str(error)) from error
    return WorkerOptions(
        hub=hub,
        token=token,
        worker_id=worker_id,
        version=settings.VERSION,
        max_accounts=_count(_get(options, "max_accounts") or "5"),
        insecure=insecure,
        platform_settings=dict(settings.PLATFORM_SETTINGS),
        sync=SyncTiming(every=settings.SYNC_INTERVAL_S),
        replies_file=settings.DATA_DIR / PAIRING_FOLDER / f"replies-{worker_id}.json",
        host_id=get_host_id(),
        instance=token_hex(8),
    )


def _find_pairing(options: dict[str, Any]) -> Pairing | None:
    """Return what this computer was paired with, unless the hub or the token is given: then all of it is."""
    if _get(options, "hub") or _get(options, "token"):
        return None
    return load_pairing(settings.DATA_DIR / PAIRING_FOLDER)


def _get(options: dict[str, Any], name: str, variable: str | None = None) -> str:
    return options[name] or os.environ.get(f"IMHUB_WORKER_{variable or name.upper()}", "")


def _missing(what: str, option: str, variable: str) -> str:
    raise CommandError(f"{what} is missing: give {option}, or set {variable}")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise CommandError(f"--max-accounts must be 1 to 1000, not {text!r}")
    return int(text)
