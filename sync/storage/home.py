"""Remembers which data directory served a database last, so that a copy or a backup of either is recognised.

A token in a file of the data directory, together with the time at which the system says that this file was last
changed, stands in the database too; both are renewed whenever a hub starts or ends. No tool that copies or restores
files can set that time. What this cannot tell is a restore of everything at once, such as a machine's image.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import structlog
from django.conf import settings

from sync.models import LogState
from sync.storage.database import is_shared
from sync.storage.private_file import write_private

log = structlog.get_logger(__name__)


class _Home(NamedTuple):
    """`identity`: of the file as it is. `former`: the one before, which the database has if a start was killed."""

    identity: str
    former: str


def home_file() -> Path:
    """Return the path of the file."""
    return Path(settings.DATA_DIR) / "hub.home"


def is_from_elsewhere() -> bool:
    """Return whether the database, or this data directory, is a copy: clients may have been told more than it holds.

    A database that no hub of a version with this file served is no copy, as far as anybody knows. One that several
    hubs share is at home in none of their data directories.
    """
    state = LogState.objects.first()
    if state is None or not state.home or is_shared():
        return False
    home = _read()
    if home is not None and state.home in home:
        return False
    log.warning("another data directory served this database last, or one of both is a copy or was restored")
    return True


def settle() -> None:
    """Make this data directory the home of the database, unless several hubs share it.

    The file comes first: it names the former identity too.
    """
    if is_shared():
        return
    state, _ = LogState.objects.get_or_create(pk=LogState.ONLY, defaults={"log_id": uuid4().hex})
    try:
        write_private(home_file(), f"{uuid4().hex}\n{state.home}\n".encode())
    except OSError as error:  # then both stay as they are, and still fit
        log.warning("where this database is at home could not be written anew", reason=str(error))
        return
    if (home := _read()) is not None:
        LogState.objects.update(home=home.identity)


def _read() -> _Home | None:
    """Return what the file says; None if it is not there or cannot be read."""
    file = home_file()
    try:
        token, former = file.read_text("ascii").split("\n")[:2]
        return _Home(f"{token}:{file.stat().st_ctime_ns}", former)
    except (OSError, ValueError):
        return None
