"""What clients are told of a database that cannot serve now."""

from __future__ import annotations

from sync.storage.database_errors import WORDS, find_trouble


def describe_trouble(error: BaseException | None) -> str | None:
    """Return a sentence about a database that is away, busy or full; None for any other error."""
    trouble = find_trouble(error)
    return None if trouble is None else f"Try again: {WORDS[trouble]}"


def is_disk_full(error: BaseException | None) -> bool:
    """Return whether the database has no room left."""
    return find_trouble(error) == "disk_full"
