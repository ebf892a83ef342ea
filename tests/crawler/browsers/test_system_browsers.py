"""The browsers of a system are found before anything is installed."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.browsers.chromium import NoChromium, Wish, find_chromium, is_hidden

ROOT = Path(__file__).resolve().parents[3]


def test_bootstrap_starts_without_any_installed_package() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import bootstrap; print(bootstrap.list_chromium_paths)"
    # -I -S: neither site-packages nor the environment's paths.
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert "list_chromium_paths" in run.stdout, run.stderr


@pytest.mark.parametrize(
    ("wish", "platform", "environment", "hidden"),
    [
        ("auto", "linux", {}, True),
        ("auto", "linux", {"DISPLAY": ":0"}, False),
        ("auto", "linux", {"WAYLAND_DISPLAY": "wayland-0"}, False),
        ("auto", "win32", {}, False),
        ("auto", "darwin", {}, False),
        ("hidden", "win32", {}, True),
        ("hidden", "linux", {"DISPLAY": ":0"}, True),
        ("visible", "linux", {}, False),
    ],
)
def test_a_browser_shows_itself_where_somebody_can_see_it(
    wish: Wish, platform: str, environment: dict[str, str], hidden: bool
) -> None:
    assert is_hidden(wish, platform, environment) is hidden


def a_program(place: Path, name: str) -> str:
    path = place / name
    path.touch(mode=0o700)
    return str(path)


def playwright_at(path: Path) -> Any:
    return SimpleNamespace(chromium=SimpleNamespace(executable_path=str(path)))


@pytest.mark.skipif(sys.platform != "linux", reason="programs on the PATH")
def test_a_browser_without_a_window_is_the_light_one_where_it_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    playwright = playwright_at(tmp_path / "chromium-1200" / "chrome-linux" / "chrome")
    with pytest.raises(NoChromium):
        find_chromium(playwright, None)
    whole = a_program(tmp_path, "chromium")
    assert find_chromium(playwright, None) == whole
    shell = a_program(tmp_path, "chromium-headless-shell")
    assert find_chromium(playwright, None) == shell
    assert find_chromium(playwright, None, hidden=False) == whole
    (tmp_path / "chromium_headless_shell-1200").mkdir()
    assert find_chromium(playwright, None) is None
    assert find_chromium(playwright, None, hidden=False) == whole
    assert find_chromium(playwright, whole) == whole
