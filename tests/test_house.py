"""What every checkout of the project has, and has not; and the bounds its code keeps."""

import ast
import os
import re
from collections import Counter
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
CODE = ("sync", "crawler", "im_api", "alerts", "inbox", "imhub", "demo", "bench", "bootstrap.py", "manage.py")
FRAGMENTS = (
    "What ", "Whether ", "Who ", "How ", "Of ", "Where ", "Those ", "Which ", "One that ", "None: ",
)  # fmt: skip
MOST_FRAGMENTS = 0.04
MOST_MODULES = 20
MOST_NOQA = 44
MOST_TYPE_IGNORES = 5


def list_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(folder, name) for name in files)


@pytest.mark.parametrize(
    "name",
    [
        "manage.py",
        "imhub",
        "im_api",
        "alerts",
        "inbox",
        "sync",
        "crawler",
        "demo",
        "requirements.txt",
        "tests",
        "templates",
    ],
)
def test_the_top_level_has(name: str) -> None:
    assert (ROOT / name).exists()


def test_no_file_points_outside_the_checkout() -> None:
    outside = re.compile(rb"(\.\./|/work/)" + b"shared")
    assert [str(file.relative_to(ROOT)) for file in list_files() if outside.search(file.read_bytes())] == []


def test_no_link_leads_out_of_the_checkout() -> None:
    links = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        links += [path for name in [*folders, *files] if (path := Path(folder, name)).is_symlink()]
    assert [str(link.relative_to(ROOT)) for link in links if not link.resolve().is_relative_to(ROOT)] == []


def test_what_npm_installs_is_ignored_also_as_a_link() -> None:
    assert "node_modules" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_every_direct_dependency_has_an_exact_version(name: str) -> None:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    wanted = [line for line in lines if line and not line.startswith("-r ")]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][\w.]*", line)] == []


def test_a_line_of_a_template_can_be_read() -> None:
    pages = (ROOT / "templates").rglob("*.html")
    lines = ((page.relative_to(ROOT), line) for page in pages for line in page.read_text().splitlines())
    assert [f"{page}: {line[:60]} …" for page, line in lines if len(line) > 160] == []


def list_modules() -> Iterator[Path]:
    """The production's, without migrations."""
    for file in list_files():
        place = file.relative_to(ROOT).parts
        if file.suffix == ".py" and place[0] in CODE and "migrations" not in place:
            yield file


def list_docstrings(module: Path) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of each docstring of `module`."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                yield f"{module.relative_to(ROOT)}: {getattr(node, 'name', 'module')}", text


def find_lines(pattern: str, files: Iterator[Path]) -> list[str]:
    """The lines of `files` that `pattern` finds something in, each with its place."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_docstrings_say_what_a_thing_does_instead_of_opening_with_a_fragment() -> None:
    docstrings = [found for module in list_modules() for found in list_docstrings(module)]
    fragments = [f"{where}: {text[:60]}" for where, text in docstrings if text.startswith(FRAGMENTS)]
    assert docstrings
    assert len(fragments) <= MOST_FRAGMENTS * len(docstrings), "\n".join(fragments)


def test_no_folder_of_the_code_has_more_modules_than_one_can_overlook() -> None:
    modules = Counter(str(module.relative_to(ROOT).parent) for module in list_modules())
    assert modules
    assert {folder: number for folder, number in modules.items() if number > MOST_MODULES} == {}


def test_rules_of_the_lint_are_broken_rarely() -> None:
    broken = find_lines(r"#\s*noqa\b", (file for file in list_files() if file.suffix == ".py"))
    assert len(broken) <= MOST_NOQA, "\n".join(broken)


def test_types_are_ignored_rarely_and_with_their_code_and_a_reason() -> None:
    ignored = find_lines(r"#\s*type:\s*ignore", list_modules())
    assert len(ignored) <= MOST_TYPE_IGNORES, "\n".join(ignored)
    assert [line for line in ignored if not re.search(r"type: ignore\[[a-z,-]+\]  # \w", line)] == []


def test_every_script_is_checked_for_its_types() -> None:
    scripts = [file for file in list_files() if file.suffix == ".js" and "vendor" not in file.parts]
    unchecked = [str(file.relative_to(ROOT)) for file in scripts if "// @ts-check" not in file.read_text("utf-8")]
    assert scripts
    assert unchecked == []
