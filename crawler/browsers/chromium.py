"""Which Chromium to start, and how."""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from playwright.async_api import Playwright

from crawler.errors import CrawlError

_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "chrome",
)
_WINDOWS: Final = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_MAC: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromium(CrawlError):
    """No browser on this machine. A person must install one."""


def find_chromium(playwright: Playwright, explicit: str | None) -> str | None:
    """The path of the browser to start; None: Playwright's own. Raises NoChromium."""
    if explicit:
        if not Path(explicit).is_file():
            raise NoChromium(f"IMHUB_CHROMIUM names {explicit}, which is no file")
        return explicit
    if Path(playwright.chromium.executable_path).exists():
        return None
    for path in system_browsers(os.environ):
        if path.is_file():
            return str(path)
    raise NoChromium("no Chromium, Chrome or Edge found: run `playwright install chromium`, or set IMHUB_CHROMIUM")


def system_browsers(environ: Mapping[str, str]) -> Iterable[Path]:
    """Where browsers usually are, best first."""
    for name in _NAMES:
        if found := shutil.which(name):
            yield Path(found)
    if sys.platform == "win32":
        roots = [environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        for tail in _WINDOWS:
            yield from (Path(root, tail) for root in roots if root)
    elif sys.platform == "darwin":
        yield from (Path(path) for path in _MAC)


def launch_arguments() -> list[str]:
    return list(_QUIET)


def may_sandbox() -> bool:
    """Chromium's sandbox does not start as root."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
