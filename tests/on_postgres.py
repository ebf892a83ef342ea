"""`python -m pytest -p tests.on_postgres`: the tests that touch the database, on PostgreSQL.

A plugin, because the address must be known before pytest-django reads the settings. The server is started once, by the
process that distributes the tests; each process that runs some has a database of its own on it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.postgres import NoServer, Server

# Not IMHUB_DATABASE_URL: the settings of tests forget what the caller's environment says of the product.
ADDRESS = "TESTS_DATABASE_URL"
FIXTURES = {"db", "transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}

TESTS = Path(__file__).parent
# No test in these rooms touches its own database, so nothing there is imported. tests/test_postgres.py keeps it so.
WITHOUT = [TESTS / room for room in ("bench", "crawler", "demo", "e2e", "sync/core", "sync/protocol")]


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    if ADDRESS not in os.environ:
        try:
            server = Server(durable=False)
        except NoServer as missing:
            raise pytest.UsageError(str(missing)) from None
        early_config.add_cleanup(server.remove)
        server.start()
        os.environ[ADDRESS] = server.url("imhub")
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    config.option.reuse_db = True  # goes with its server: whoever is still connected holds up nothing


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what need not be imported. What somebody names is looked at all the same, or it would not be found."""
    named = any(has_no_database(Path(argument.partition("::")[0]).resolve()) for argument in config.args)
    return True if has_no_database(collection_path) and not named else None


def has_no_database(path: Path) -> bool:
    """Return whether `path` is in a room whose tests touch no database."""
    return any(path.is_relative_to(room) for room in WITHOUT)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    others = [item for item in items if not touches_database(item)]
    items[:] = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=others)


@pytest.fixture(autouse=True, scope="session")
def _emptied_by_deleting() -> Iterator[None]:
    """After a transactional test every table is emptied. To truncate is slow: it makes new files for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", _delete_all)
        yield


def _delete_all(self: Any, style: object, tables: list[str], **options: object) -> list[str]:
    deletions = [f"DELETE FROM {self.quote_name(table)}" for table in tables]
    return ["SET LOCAL session_replication_role = replica", *deletions]


def touches_database(item: pytest.Item) -> bool:
    """A browser sees nothing of the database that its hub does not; those tests are long."""
    if item.get_closest_marker("browser"):
        return False
    return bool(item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ())))
