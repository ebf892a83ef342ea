"""Another process that holds this test's database, from a data directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import django
django.setup()
from sync.storage.locks.hub_locks import take_locks
locks = take_locks()
print("held", flush=True)
input()
"""


@contextmanager
def a_holder(place: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has taken the locks. It ends with the block, or when the test kills it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("IMHUB_")}
    env |= {"IMHUB_DATA_DIR": str(place / "elsewhere"), "IMHUB_DATABASE_URL": address()}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.kill()


def address() -> str:
    """This test's database, for IMHUB_DATABASE_URL."""
    at = connection.settings_dict
    if connection.vendor == "postgresql":
        return f"postgres://{at['USER']}@{quote(str(at['HOST']), safe='')}/{at['NAME']}"
    return f"sqlite:///{at['NAME']}"
