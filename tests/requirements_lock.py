"""The locks of the requirements: every package that is installed, also what others need, by version and hash.

`python -m tests.requirements_lock` (`make lock`) makes them anew with uv, for every system and Python. What fits stays
as it was, unless `--upgrade` follows. With `--check` it says which is not current, without a network.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = "3.11"
# A lock, what it is made of, and the lock that it must agree with.
LOCKS = {
    "requirements.lock": ("requirements.txt", None),
    "requirements-dev.lock": ("requirements-dev.txt", "requirements.lock"),
    "requirements-bench.lock": ("requirements-bench.txt", "requirements-dev.lock"),
}
MARK = "# Made by `make lock` from requirements*.txt, not by hand. sha256: "


def main(arguments: Sequence[str]) -> int:
    if "--check" in arguments:
        stale = [name for name in LOCKS if not is_current(ROOT, name)]
        for name in stale:
            sys.stdout.write(f"{name} is not of these requirements, or was changed by hand: run `make lock`.\n")
        return 1 if stale else 0
    for name in LOCKS:
        make(ROOT, name, arguments)
    return 0


def make(root: Path, name: str, options: Sequence[str]) -> None:
    """Make one lock. Raises CalledProcessError when uv finds no versions that fit together; it says why."""
    source, other = LOCKS[name]
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--no-header",
    ]
    command += ["--python-version", OLDEST_PYTHON, source, "--output-file", name, *options]
    command += ["--constraints", other] if other else []
    subprocess.run(command, cwd=root, check=True)
    body = _body(root / name)
    (root / name).write_text(f"{MARK}{digest(root, name, body)}\n{body}", encoding="utf-8", newline="\n")


def is_current(root: Path, name: str) -> bool:
    """Return whether the lock was made of the requirements as they are, and is as it was made."""
    file = root / name
    if not file.exists():
        return False
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    return first == f"{MARK}{digest(root, name, _body(file))}"


def digest(root: Path, name: str, body: str) -> str:
    """Return the hash of everything that a lock is made of, and of what it says."""
    sources = [source for source, _ in LOCKS.values()][: list(LOCKS).index(name) + 1]
    texts = [(root / source).read_text(encoding="utf-8") for source in sources]
    return hashlib.sha256("\0".join([*texts, body]).encode()).hexdigest()


def _body(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    return text.partition("\n")[2] if text.startswith(MARK) else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
