"""No hub stays behind a test."""

from collections.abc import Iterator

import pytest

from sync.hub import set_hub


@pytest.fixture(autouse=True)
def no_hub_left() -> Iterator[None]:
    yield
    set_hub(None)
