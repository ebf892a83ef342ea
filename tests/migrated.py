"""Databases with every table and no row, for tests that start processes: made once, then copied."""

import os
import shutil
from functools import cache
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from filelock import FileLock

from tests.postgres import Server
from tests.processes import run_python

NAME = "imhub.sqlite3"
TEMPLATE = "migrated"
# The variable that names the directory of this run, which its processes share.
RUN_DIR = "TESTS_RUN_DIR"


def copy_migrated(data_dir: Path, name: str = NAME) -> None:
    """Put into `data_dir` a database as `manage.py migrate` would have made it."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(_make(), data_dir / name)


@cache
def _make() -> Path:
    """Return the database that all processes of this run copy. The first who needs it makes it."""
    place = Path(os.environ[RUN_DIR]) / "migrated"
    with FileLock(place.with_suffix(".lock")):
        if not place.exists():
            unfinished = place.with_suffix(".unfinished")
            _migrate(unfinished, "")
            assert not (unfinished / f"{NAME}-wal").exists()
            unfinished.rename(place)
    return place / NAME


def create_migrated(server: Server) -> str:
    """The address of a new one on that server."""
    _make_template(server)
    name = f"imhub_{uuid4().hex}"
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    return server.url(name)


@cache
def _make_template(server: Server) -> None:
    address = server.create_database(TEMPLATE)
    # Nobody waits for the disk here; it does not hold for what is copied from it.
    server.execute(f'ALTER DATABASE "{TEMPLATE}" SET synchronous_commit TO off')
    _migrate(Path(settings.DATA_DIR) / "of-the-template", address)


def _migrate(data_dir: Path, address: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("IMHUB_")}
    env |= {"IMHUB_DATA_DIR": str(data_dir), "IMHUB_DATABASE_URL": address}
    run_python("manage.py", "migrate", "-v0", env=env).check_returncode()
