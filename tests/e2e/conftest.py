from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import Installation


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    installation.stop()
