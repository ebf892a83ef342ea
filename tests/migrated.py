"""A database with every table and no row, for tests that start processes: made once, then copied."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
NAME = "imhub.sqlite3"


def copy_migrated(data_dir: Path) -> None:
    """Into `data_dir`, as `manage.py migrate` would have made it."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(_make(), data_dir / NAME)


@cache
def _make() -> Path:
    place = Path(settings.DATA_DIR) / "migrated"
    env = {name: value for name, value in os.environ.items() if not name.startswith("IMHUB_")}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=env | {"IMHUB_DATA_DIR": str(place)}, check=True, timeout=60)
    assert not (place / f"{NAME}-wal").exists()
    return place / NAME
