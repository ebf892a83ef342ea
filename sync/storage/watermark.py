"""Keeps the number of acknowledged changes, and the identity of their log, in a file of the data directory.

SQLite drops the end of a damaged write-ahead log in silence, and all of a missing one; and any database may be restored
from a backup: it is then sound, and older than what workers and clients were told. The file is there from the first
change until the hub has ended in order. What SQLite lost in silence refuses the start; a PostgreSQL server loses
nothing in silence, so that what it does not have was restored by somebody.

A second file, which stays, keeps the highest number known when a hub started, ended or refused to start. A database
that counted fewer was restored from a copy: it is taken, and clients must not go on from what they were told before.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

import psutil
import structlog
from django.conf import settings
from django.db import connection, transaction

from sync.models import LogState
from sync.storage.database import is_shared
from sync.storage.errors import LostChanges

log = structlog.get_logger(__name__)

# Clocks are set right while a machine runs, and its start seems to move with them.
SAME_START_S: Final = 60
_DIGITS: Final = 20
_COUNT: Final = "UPDATE sync_logstate SET committed = committed + %s"


def watermark_file() -> Path:
    """Return the path of the watermark."""
    return Path(settings.DATA_DIR) / "hub.watermark"


def _highest_file() -> Path:
    return watermark_file().with_suffix(".highest")


def raise_watermark(count: int) -> None:
    """Add `count` changes. Call it in the transaction that adds the rows: the file follows right after its commit."""
    with connection.cursor() as cursor:  # in every commit: the ORM would take five times as long
        if connection.features.can_return_columns_from_insert:  # SQLite from 3.35 on
            cursor.execute(f"{_COUNT} RETURNING log_id, committed", [count])
        else:
            cursor.execute(_COUNT, [count])
            cursor.execute("SELECT log_id, committed FROM sync_logstate")
        log_id, committed = cursor.fetchone() or _begin(count)
    # No partial: Django asks what fails for its name.
    transaction.on_commit(lambda: _write(log_id, committed), robust=True)


def _begin(count: int) -> tuple[str, int]:
    """Begin to count in a database whose tables were emptied by hand."""
    state = LogState.objects.create(log_id=uuid4().hex, committed=count)
    return state.log_id, state.committed


def _write(log_id: str, committed: int) -> None:
    text = f"{log_id} {committed:0{_DIGITS}} {_machine_start():0{_DIGITS}}\n".encode()
    file = watermark_file()
    try:
        # In place: one write of one page, which the death of the process cannot tear.
        with file.open("r+b", buffering=0) as stream:
            stream.write(text)
    except FileNotFoundError:
        _create(file, text)


def _create(file: Path, text: bytes) -> None:
    """Create the file whole or not at all, even if the process is killed in between."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")  # hubs that share a database may share the directory
    with new.open("wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, file)


def check_watermark() -> bool:
    """Return whether the database is older than what clients were told.

    Raises LostChanges where nobody wanted that: changes are missing, and the machine was not started anew, which may
    take the last ones along.
    """
    lost = _check_running_hubs()
    highest = _read_highest()  # first: another hub may write it while this one starts, after a commit
    state = LogState.objects.first()
    if state is None or highest is None:
        return lost or (state is not None and _misses_highest(state))
    log_id, number = highest
    if lost or log_id != state.log_id or state.committed >= number:
        return lost
    log.warning(f"the database is older by {number - state.committed} changes than at the last end: it was restored")
    return True


def _misses_highest(state: LogState) -> bool:
    """Return whether a hub that keeps the number served this database: then nobody knows how far it was.

    A hub that shares the database with others may be the first on its machine.
    """
    if is_shared():
        return False
    if state.home:
        log.warning("how far the database was is not known here: its data directory was lost, or it is a copy")
    return bool(state.home)


def _check_running_hubs() -> bool:
    """Check the watermark of a hub that did not end in order."""
    file = watermark_file()
    try:
        log_id, number, boot = _read(file)
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise LostChanges(f"{file} cannot be read ({error}): remove it to start with the database as it is") from error
    state = LogState.objects.first()
    if state is None or state.log_id != log_id:
        log.warning("this is another database than at the last start, or it was emptied", database=_name())
        drop_watermark()
    elif state.committed < number:
        # Whoever removes the watermark to go on shall not be taken for somebody who lost nothing.
        _write_highest(log_id, number)
        _complain(number - state.committed, same_start=abs(_machine_start() - boot) <= SAME_START_S)
        drop_watermark()
        return True
    return False


def _read(file: Path) -> tuple[str, int, int]:
    log_id, number, boot = file.read_bytes().split()
    return log_id.decode(), int(number), int(boot)


def _complain(missing: int, *, same_start: bool) -> None:
    lost = f"{missing} changes that were acknowledged are not in the database"
    if connection.vendor != "sqlite":
        log.error(f"{lost}: it was restored; workers send again what they still see")
        return
    if not same_start:
        log.error(f"{lost}: the machine was started anew; workers send again what they still see")
        return
    raise LostChanges(
        f"{lost} {_name()}: its -wal file is missing or damaged, or an older copy took its place. "
        f"Restore it, or remove {watermark_file()} to go on without them"
    )


def _name() -> str:
    return str(connection.settings_dict["NAME"])


@cache
def _machine_start() -> int:
    """Return when this machine was started, in seconds UTC."""
    return int(psutil.boot_time())


def _read_highest() -> tuple[str, int] | None:
    """Return the identity of a log and the highest number known of it; None if nothing readable says so."""
    try:
        log_id, number = _highest_file().read_bytes().split()
        return log_id.decode(), int(number)
    except (OSError, ValueError):
        return None


def _write_highest(log_id: str, number: int) -> None:
    _create(_highest_file(), f"{log_id} {number}\n".encode())


def remember_highest() -> None:
    """Remember how many changes the database has now."""
    state = LogState.objects.first()
    if state is not None:
        _write_highest(state.log_id, state.committed)


def drop_watermark() -> None:
    """Delete the watermark: nothing that was acknowledged is waited for."""
    watermark_file().unlink(missing_ok=True)


def end_in_order() -> None:
    """Drop the watermark. Of SQLite, once everything is in the database file itself."""
    remember_highest()
    if connection.vendor != "sqlite":
        drop_watermark()
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()[0]
    if not busy:
        drop_watermark()
