"""The import rule of pyproject.toml: it is kept, it can be broken, and no file escapes it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["sync", "crawler", "im_api", "alerts", "inbox", "imhub", "demo"]
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True, no_logo=True))"

VIOLATIONS = {
    "sync/protocol/_a.py": "import asyncio",
    "sync/core/_a.py": "from time import monotonic",
    "sync/core/lists/_a.py": "from sync.core.change import apply",
    "sync/_a.py": "from im_api import shapes",
    "crawler/_a.py": "from sync.core.account import view",
    "crawler/_b.py": "def late():\n    from django.db import models",
    "im_api/_a.py": "from sync.core.account import view",
    "im_api/_b.py": "import crawler.errors",
    "alerts/_a.py": "import crawler.errors",
    "alerts/core/_a.py": "from time import monotonic",
    "inbox/_a.py": "from sync import hub",
    "inbox/_b.py": "import demo.world",
    "imhub/_a.py": "from inbox import pages",
    "crawler/platforms/douyin/im/_a.py": "import asyncio",
    "demo/_a.py": "from sync.protocol import ids",
    "demo/_b.py": "from google import protobuf",
    "imhub/conf/_a.py": "from imhub.edge import _a",
    "imhub/edge/_a.py": "from imhub.conf import _a",
}
"""One line for each contract, but two for the circle."""


def run_lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=root, capture_output=True, text=True, timeout=120)


def test_every_room_imports_only_what_it_may() -> None:
    result = run_lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_broken_by_a_line_that_breaks_it(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in VIOLATIONS.items():
        (tmp_path / name).write_text(line + "\n")
    result = run_lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"Contracts: 0 kept, {len(VIOLATIONS) - 1} broken." in result.stdout, result.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_with_code_is_a_package_so_that_the_rule_sees_it(room: str) -> None:
    folders = {file.parent for file in (ROOT / room).rglob("*.py")}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").exists()] == []
