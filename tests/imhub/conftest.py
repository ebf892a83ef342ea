from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Installation


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    """A database with all tables and no rows."""
    installation = Installation(tmp_path)
    yield installation
    installation.stop()


@pytest.fixture
def bare_place(tmp_path: Path) -> Iterator[Installation]:
    """A data directory with nothing in it."""
    installation = Installation(tmp_path, is_bare=True)
    yield installation
    installation.stop()
