"""Chooses the Chromium to start, and its arguments."""

import os
import sys
from pathlib import Path
from typing import Final

from playwright import async_api, sync_api

from crawler.browsers.system_browsers import list_chromium_paths
from crawler.errors import CrawlError

_QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromium(CrawlError):
    """There is no browser on this machine. A person must install one."""


def find_chromium(playwright: async_api.Playwright | sync_api.Playwright, explicit: str | None) -> str | None:
    """Return the path of the browser to start, or None for Playwright's own.

    `explicit` (the setting IMHUB_CHROMIUM) goes before all others. Raises NoChromium.
    """
    if explicit:
        if not Path(explicit).is_file():
            raise NoChromium(f"IMHUB_CHROMIUM names {explicit}, which is no file")
        return explicit
    if Path(playwright.chromium.executable_path).exists():
        return None
    for path in list_chromium_paths(sys.platform, os.environ):
        if Path(path).is_file():
            return path
    raise NoChromium("no Chromium, Chrome or Edge found: run `playwright install chromium`, or set IMHUB_CHROMIUM")


def launch_arguments() -> list[str]:
    """Return the command line switches that keep Chromium from doing what a crawl does not need."""
    return list(_QUIET)


def may_sandbox() -> bool:
    """Return False for root, as whom Chromium's sandbox does not start."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
