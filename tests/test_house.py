"""What every checkout of the project has, and has not."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "var",
    "build",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}


def list_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(folder, name) for name in files)


@pytest.mark.parametrize(
    "name",
    ["manage.py", "imhub", "im_api", "inbox", "sync", "crawler", "demo", "requirements.txt", "tests", "templates"],
)
def test_the_top_level_has(name: str) -> None:
    assert (ROOT / name).exists()


def test_no_file_points_outside_the_checkout() -> None:
    outside = re.compile(rb"(\.\./|/work/)" + b"shared")
    assert [str(file.relative_to(ROOT)) for file in list_files() if outside.search(file.read_bytes())] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_direct_dependency_has_an_exact_version(name: str) -> None:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    wanted = [line for line in lines if line and not line.startswith("-r ")]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][\w.]*", line)] == []


def test_a_line_of_a_template_can_be_read() -> None:
    pages = (ROOT / "templates").rglob("*.html")
    lines = ((page.relative_to(ROOT), line) for page in pages for line in page.read_text().splitlines())
    assert [f"{page}: {line[:60]} …" for page, line in lines if len(line) > 160] == []
