"""Chooses the Chromium to start, and its arguments."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from playwright import async_api, sync_api

from crawler.browsers.system_browsers import find_headless_shell, has_display, list_chromium_paths
from crawler.errors import CrawlError

_QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Wish = Literal["visible", "hidden", "auto"]
"""The owner's wish for the browser's window. `auto`: where there is a display."""


class NoChromium(CrawlError):
    """There is no browser on this machine. A person must install one."""


def is_hidden(wish: Wish, platform: str, environment: Mapping[str, str]) -> bool:
    """Return whether the browser runs without a window. `platform` is `sys.platform`.

    Where people can see it, it is shown: the platform may ask the owner to prove that he is one.
    """
    return wish == "hidden" or (wish == "auto" and not has_display(platform, environment))


def find_chromium(
    playwright: async_api.Playwright | sync_api.Playwright, explicit: str | None, *, hidden: bool = True
) -> str | None:
    """Return the path of the browser to start, or None for Playwright's own.

    `explicit` (the setting IMHUB_CHROMIUM) goes before all others. One that is `hidden` need not be able to open a
    window, which makes it lighter. Raises NoChromium.
    """
    if explicit:
        if not Path(explicit).is_file():
            raise NoChromium(f"IMHUB_CHROMIUM names {explicit}, which is no file")
        return explicit
    own = Path(playwright.chromium.executable_path)
    if own.exists() or (hidden and _has_own_shell(own)):
        return None
    if hidden and (shell := find_headless_shell(os.environ)):
        return shell
    for path in list_chromium_paths(sys.platform, os.environ):
        if Path(path).is_file():
            return path
    raise NoChromium("no Chromium, Chrome or Edge found: run `playwright install chromium`, or set IMHUB_CHROMIUM")


def _has_own_shell(own: Path) -> bool:
    """Return whether Playwright's shell without a window is there, beside where its Chromium would be.

    Both stand in folders like `chromium-1200` and `chromium_headless_shell-1200`. Playwright chooses the shell itself.
    """
    for folder in own.parents:
        if folder.name.startswith("chromium-"):
            return folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-", 1)).is_dir()
    return False


def launch_arguments() -> list[str]:
    """Return the command line switches that keep Chromium from doing what a crawl does not need."""
    return list(_QUIET)


def may_sandbox() -> bool:
    """Return False for root, as whom Chromium's sandbox does not start."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
