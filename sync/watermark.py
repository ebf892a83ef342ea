"""The highest change that was acknowledged, in a file of its own beside an SQLite database.

SQLite drops the end of a damaged write-ahead log in silence, and all of a missing one: the database is then sound, and
older than what workers and clients were told. The file is there from the first change until the hub has ended in order.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

import psutil
import structlog
from django.conf import settings
from django.db import connection

from sync.errors import LostChanges
from sync.models import Change

log = structlog.get_logger(__name__)

# Clocks are set right while a machine runs, and its start seems to move with them.
SAME_START_S: Final = 60
_DIGITS: Final = 20


def watermark_file() -> Path:
    return Path(settings.DATA_DIR) / "hub.watermark"


def raise_watermark(number: int) -> None:
    """Call after the commit, before the answer. `number`: the primary key of the newest row of the change log."""
    if connection.vendor != "sqlite":
        return
    text = f"{number:0{_DIGITS}} {_machine_start():0{_DIGITS}}\n".encode()
    file = watermark_file()
    try:
        # In place: one write of one page, which the death of the process cannot tear.
        with file.open("r+b", buffering=0) as stream:
            stream.write(text)
    except FileNotFoundError:
        _create(file, text)


def _create(file: Path, text: bytes) -> None:
    """Whole or not at all, even if the process is killed in between."""
    new = file.with_suffix(".new")
    with new.open("wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, file)


def check_watermark() -> None:
    """Raises LostChanges, but not after another start of the machine: a power cut may take the last changes along."""
    file = watermark_file()
    try:
        number, boot = map(int, file.read_bytes().split())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise LostChanges(f"{file} cannot be read ({error}): remove it to start with the database as it is") from error
    newest = _newest()
    if newest >= number:
        return
    lost = f"{number - newest} changes that were acknowledged are not in the database"
    if abs(_machine_start() - boot) > SAME_START_S:
        log.error(f"{lost}: the machine was started anew; workers send again what they still see", newest=newest)
        return
    raise LostChanges(
        f"{lost} {connection.settings_dict['NAME']}: its -wal file is missing or damaged, or an older copy took its "
        f"place. Restore it, or remove {file} to go on without them"
    )


@cache
def _machine_start() -> int:
    """Seconds UTC."""
    return int(psutil.boot_time())


def _newest() -> int:
    """What the database ever numbered a change with: rows may have been deleted since."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        if cursor.fetchone() is None:
            return 0
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [Change._meta.db_table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def drop_watermark() -> None:
    watermark_file().unlink(missing_ok=True)


def end_in_order() -> None:
    """Everything is in the database file itself from now on, or the watermark stays."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()[0]
    if not busy:
        drop_watermark()
