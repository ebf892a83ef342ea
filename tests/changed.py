"""The tests that belong to changed files: those that mirror them, import them, or name them; else those of the folder.

Standard library only: bootstrap.py uses it. What a test reaches through other code of the product is not followed.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath


def list_changed(root: Path, base: str) -> list[str]:
    """Return the files that differ from the commit `base`, and those that git does not know yet. Deleted ones too.

    Paths are relative to `root`, with slashes. Raises subprocess.CalledProcessError if there is no such commit.
    """
    commands = (["diff", "--name-only", "-z", base, "--"], ["ls-files", "--others", "--exclude-standard", "-z"])
    names: set[str] = set()
    for command in commands:
        whole = ["git", *command]
        done = subprocess.run(whole, cwd=root, capture_output=True, text=True, check=True)  # our own words
        names.update(name for name in done.stdout.split("\0") if name)
    return sorted(names)


def find_tests(root: Path, changed: Iterable[str]) -> list[str]:
    """Return the test files, relative to `root`, that belong to the changed ones."""
    sources = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in (root / "tests").rglob("*.py")}
    imports = {name: set(_imports(source)) for name, source in sources.items()}
    found: set[str] = set()
    for name in changed:
        found |= _find(name, sources, imports)
    return sorted(found)


def _find(changed: str, sources: dict[str, str], imports: dict[str, set[str]]) -> set[str]:
    path = PurePosixPath(changed)
    tests = {name for name in sources if PurePosixPath(name).name.startswith("test_")}
    if path.name == "conftest.py":
        return {name for name in tests if name.startswith(f"{path.parent}/")}
    if path.suffix == ".py":
        reached = _through_helpers(imports, _module(changed))
        belong = {name for name in tests if name in (changed, _mirror(path)) or imports[name] & reached}
    else:
        belong = {name for name in tests if path.name in sources[name]}
    return belong or _of_folder(path.parent, tests)


def _of_folder(folder: PurePosixPath, tests: set[str]) -> set[str]:
    """Return the tests of the folder that mirrors this one, or of the nearest above it that has some."""
    parts = folder.parts[1:] if folder.parts[:1] in (("tests",), ("templates",)) else folder.parts
    if not parts:
        return set()
    mirror = "/".join(("tests", *parts))
    return {name for name in tests if name.startswith(f"{mirror}/")} or _of_folder(PurePosixPath(*parts[:-1]), tests)


def _through_helpers(imports: dict[str, set[str]], module: str) -> set[str]:
    """Return `module` and the helpers of tests that import it, directly or through one another."""
    reached = {module}
    while True:
        new = {_module(name) for name, used in imports.items() if _is_helper(name) and used & reached} - reached
        if not new:
            return reached
        reached |= new


def _is_helper(name: str) -> bool:
    """Return whether tests import it. A conftest.py is for a whole folder: what it imports says little of each test."""
    return not PurePosixPath(name).name.startswith(("test_", "conftest", "__init__"))


def _module(name: str) -> str:
    """Return the dotted name of the module in that file."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _mirror(path: PurePosixPath) -> str:
    return str("tests" / path.with_name(f"test_{path.name}"))


def _imports(source: str) -> Iterator[str]:
    """Yield the names of all modules that are imported; of `from a import b` both a and a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
