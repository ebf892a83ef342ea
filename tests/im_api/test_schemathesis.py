"""Requests made up from the description of the API, good ones and bad ones, against a real hub with data in it: no
error of the hub, no answer that the description forbids, no bad request that is taken, no good one that is refused.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from im_api.openapi.routes import OPERATIONS
from tests.processes import ROOT
from tests.servers import Installation

pytestmark = pytest.mark.e2e

CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    """A hub that runs. The account of the examples has an item of each kind; another one is empty."""
    installation = Installation(tmp_path)
    installation.manage("shell", "-v0", "-c", "from tests.im_api.seed import write_examples; write_examples()")
    installation.start_hub()
    yield installation
    installation.stop()


def fuzz(place: Installation, *options: str, within_s: int) -> str:
    """As the owner. What the tool says; fails with all of it when something is wrong."""
    token = place.manage("apitoken", "olivia", "--staff")
    address = f"http://127.0.0.1:{place.port}/api/schema/"
    options = (*options, "--generation-database", "none", "-H", f"Authorization: Token {token}")
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", address, *options],
        cwd=place.place,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.im_api.schemathesis_hooks"},
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    return done.stdout


def number_of(what: str, said: str) -> int:
    found = re.search(rf"(\d+){what}", said)
    assert found is not None, said
    return int(found[1])


def test_a_little_of_each_operation_made_up_brings_nothing_to_light(place: Installation) -> None:
    said = fuzz(place, "--phases", "examples,fuzzing", "--max-examples", "1", "--seed", "1", within_s=200)
    assert number_of(" selected", said) == len(OPERATIONS)
    assert number_of(" passed", said.rpartition("Test cases:")[2]) > len(OPERATIONS)


@pytest.mark.soak
def test_what_is_made_up_in_ten_minutes_brings_nothing_to_light(place: Installation) -> None:
    said = fuzz(place, "--max-examples", "500", "--max-time", "600", within_s=900)
    assert number_of(" passed", said.rpartition("Test cases:")[2]) > 5_000
