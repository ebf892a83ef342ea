from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.migrated import create_migrated
from tests.postgres import Server, running_server
from tests.servers import Installation


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The address of one without rows for IMHUB_DATABASE_URL; '' is SQLite in the data directory.

    Without a parameter SQLite. With `indirect`, what the parameter says: "SQLite" or "PostgreSQL".
    """
    if getattr(request, "param", "SQLite") == "SQLite":
        return ""
    server: Server = request.getfixturevalue("server")
    return create_migrated(server)


@pytest.fixture
def place(tmp_path: Path, database: str) -> Iterator[Installation]:
    installation = Installation(tmp_path, database)
    yield installation
    installation.stop()
