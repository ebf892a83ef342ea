"""Which tests belong to what changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.changed import find_tests, list_changed

TREE = {
    "room/pages/rows.py": "",
    "room/pages/words.py": "",
    "room/store.py": "",
    "room/alone.py": "",
    "templates/room/rows.html": "",
    "tests/room/conftest.py": "import room.alone\n",
    "tests/room/builders.py": "from room.store import Store\n",
    "tests/room/test_store.py": "",
    "tests/room/test_lists.py": "from tests.room.builders import a_row\n",
    "tests/room/pages/test_rows.py": "PAGE = 'rows.html'\n",
    "tests/other/test_other.py": "import room.pages.rows\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("tests/room/test_lists.py", ["tests/room/test_lists.py"]),
        ("room/pages/rows.py", ["tests/other/test_other.py", "tests/room/pages/test_rows.py"]),
        ("room/store.py", ["tests/room/test_lists.py", "tests/room/test_store.py"]),
        ("tests/room/builders.py", ["tests/room/test_lists.py"]),
        ("templates/room/rows.html", ["tests/room/pages/test_rows.py"]),
        ("room/pages/words.py", ["tests/room/pages/test_rows.py"]),
        ("tests/room/conftest.py", [f"tests/room/{n}.py" for n in ("pages/test_rows", "test_lists", "test_store")]),
        ("room/alone.py", [f"tests/room/{n}.py" for n in ("pages/test_rows", "test_lists", "test_store")]),
        ("room/deleted.py", [f"tests/room/{n}.py" for n in ("pages/test_rows", "test_lists", "test_store")]),
        ("tests/room/test_deleted.py", [f"tests/room/{n}.py" for n in ("pages/test_rows", "test_lists", "test_store")]),
        ("README.md", []),
    ],
)
def test_a_changed_file_has_the_tests_that_mirror_import_or_name_it_or_those_of_its_folder(
    tree: Path, changed: str, tests: list[str]
) -> None:
    assert find_tests(tree, [changed]) == tests


def test_changed_is_what_differs_from_a_commit_and_what_git_does_not_know_yet(tree: Path) -> None:
    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
        subprocess.run(command, cwd=tree, check=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all")
    (tree / "room/store.py").write_text("changed")
    (tree / "room/alone.py").unlink()
    (tree / "room/新.py").write_text("")
    assert list_changed(tree, "HEAD") == ["room/alone.py", "room/store.py", "room/新.py"]
    with pytest.raises(subprocess.CalledProcessError):
        list_changed(tree, "no-such-commit")
