"""Old installations, as they were left and after `manage.py migrate`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade import old

DATA = Path(__file__).resolve().parents[1] / "data" / "upgrade"
VERSIONS = sorted(DATA.iterdir())


class Fixture:
    """One old installation. `expected`: what people saw of it, before a worker said its frames and after."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.expected: dict[str, Any] = json.loads((place / "expected.json").read_text("utf-8"))
        for people in (self.expected["before"], self.expected["after"]):
            for answers in people.values():
                _take_back_recalled_words(answers)
        self.tokens: dict[str, str] = self.expected["tokens"]
        self.worker = (place / "worker.jsonl").read_text("utf-8").splitlines()
        self.hub = (place / "hub.jsonl").read_text("utf-8").splitlines()

    def clock(self) -> int:
        now: int = self.expected["now"]
        return now

    def copy_to(self, home: Path) -> Path:
        """As an owner has it: the database and the key of the sessions."""
        home.mkdir(exist_ok=True)
        for name in (old.DATABASE, "session_key"):
            shutil.copy(self.place / name, home)
        return home

    @property
    def after(self) -> dict[str, dict[str, Any]]:
        """By person and path."""
        return {name: answers | self.expected["after"][name] for name, answers in self.expected["before"].items()}


def _take_back_recalled_words(answers: dict[str, Any]) -> None:
    """Change what is changed on purpose: the feed cannot say that a message was recalled, so it has no words of it."""
    lists = [answer["messages"] for path, answer in answers.items() if path.startswith("/messages?")]
    recalled = {message["msg_id"] for messages in lists for message in messages if message["is_recalled"]}
    for path, answer in answers.items():
        for row in answer["messages"] if path.startswith("/unified-messages?") else ():
            if row["msg_id"] in recalled:
                row["content"] = None


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda place: place.name)
def fixture(request: pytest.FixtureRequest) -> Fixture:
    return Fixture(request.param)


@pytest.fixture(scope="module")
def migrated(fixture: Fixture, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """After `manage.py migrate`."""
    home = fixture.copy_to(tmp_path_factory.mktemp("migrated") / "data")
    with django_db_blocker.unblock(), old.at_home(home):
        old.manage("migrate", "-v0")
    return home


@pytest.fixture
def homes(django_db_blocker: Any) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        yield stack


@pytest.fixture
def upgraded(migrated: Path, tmp_path: Path, homes: ExitStack) -> Path:
    """This process works on a copy of the upgraded installation."""
    home = Path(shutil.copytree(migrated, tmp_path / "data"))
    homes.enter_context(old.at_home(home))
    return home
