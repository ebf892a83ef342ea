"""What is installed is what was tested: every package by version and hash, for every system."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.requirements_lock import LOCKS, MARK, ROOT, digest, is_current

PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, list[tuple[str, str]]]:
    """Package -> (version, marker) of each line that names it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for package, version, marker in PINNED.findall((ROOT / name).read_text()):
        found.setdefault(package, []).append((version, marker))
    return found


def direct(name: str) -> Iterator[tuple[str, str]]:
    for line in (ROOT / name).read_text().splitlines():
        if "==" in line and not line.startswith("#"):
            package, version = line.split("==")
            yield re.sub(r"[-_.]+", "-", package.partition("[")[0]).lower(), version


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_is_current(name: str) -> None:
    assert is_current(ROOT, name)


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_what_is_asked_for_by_name_each_with_hashes(name: str) -> None:
    locked = pins(name)
    for package, version in direct(LOCKS[name][0]):
        assert locked[package] == [(version, "")], package
    for entry in re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().partition("\n")[2]):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.partition("\n")[0]


@pytest.mark.parametrize(("smaller", "larger"), list(pairwise(LOCKS)))
def test_the_locks_agree(smaller: str, larger: str) -> None:
    locked = pins(larger)
    for package, versions in pins(smaller).items():
        everywhere = [(versions[0][0], "")]  # the larger may need on every system what the smaller needs on one
        assert locked[package] in (versions, everywhere)


def test_the_lock_is_for_windows_too() -> None:
    assert pins("requirements.lock")["tzdata"][0][1] == "sys_platform == 'win32'"
    assert "sys_platform != 'win32'" in pins("requirements.lock")["uvloop"][0][1]


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        ("requirements.txt", set(LOCKS)),
        ("requirements-dev.txt", {"requirements-dev.lock", "requirements-bench.lock"}),
        ("requirements-bench.txt", {"requirements-bench.lock"}),
        ("requirements.lock", {"requirements.lock"}),
        (None, set()),
    ],
)
def test_a_change_of_the_requirements_or_by_hand_is_noticed(
    tmp_path: Path, changed: str | None, stale: set[str]
) -> None:
    for name, (source, _) in LOCKS.items():
        (tmp_path / source).write_text("Django==5.2.19\n")
        body = "django==5.2.19 \\\n    --hash=sha256:abc\n"
        (tmp_path / name).write_text(body)
    for name in LOCKS:
        body = (tmp_path / name).read_text()
        (tmp_path / name).write_text(f"{MARK}{digest(tmp_path, name, body)}\n{body}")
    if changed:
        with (tmp_path / changed).open("a") as file:
            file.write("# more\n")
    assert {name for name in LOCKS if not is_current(tmp_path, name)} == stale
