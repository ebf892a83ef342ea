"""Lists where the browsers of a system are.

Standard library only: `bootstrap.py` uses it before anything is installed.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADLESS_SHELL = "chromium-headless-shell"
"""Debian's Chromium without a window: it needs two thirds of the time and memory for the same pages."""
_CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
_EDGE_NAMES = ["microsoft-edge", "microsoft-edge-stable", "msedge"]
_MAC = ["Google Chrome", "Chromium", "Microsoft Edge"]
_WINDOWS = [rf"{name}.exe" for name in (r"Google\Chrome\Application\chrome", r"Microsoft\Edge\Application\msedge")]


def list_chromium_paths(platform: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield where a Chromium, Chrome or Edge of the system may be, the best first. A path need not exist.

    `platform` is `sys.platform`; of `environment` it reads PATH, HOME and the program folders of Windows.
    """
    for name in _CHROMIUM_NAMES + _EDGE_NAMES:
        path = shutil.which(name, path=environment.get("PATH"))
        if path:
            yield path
    if platform == "darwin":
        for base in ("/Applications", f"{environment.get('HOME', '')}/Applications"):
            yield from (f"{base}/{name}.app/Contents/MacOS/{name}" for name in _MAC)
    if platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if variable in environment:
                yield from (rf"{environment[variable]}\{name}" for name in _WINDOWS)


def find_headless_shell(environment: Mapping[str, str]) -> str | None:
    """Return the path of the system's Chromium that has no window, or None. Of `environment` it reads PATH."""
    return shutil.which(HEADLESS_SHELL, path=environment.get("PATH"))


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """Return whether a browser's window could be seen. `platform` is `sys.platform`."""
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
