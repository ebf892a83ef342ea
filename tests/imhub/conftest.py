from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.imhub.runs import Run


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    for process in run.started:
        for child in [] if process.poll() is not None else psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()
