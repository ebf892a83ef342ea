"""Reasons why the hub cannot use what is stored."""

from django.db import OperationalError


class Unusable(Exception):
    """Raised with a message that names what cannot be used, and says what to do."""


class Damaged(Unusable):
    """Raised when what is stored cannot be trusted. The message names the account and the row, or the file."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what.rstrip('.')}. Restore the database from a backup, or import an export of it")


class LostChanges(Unusable):
    """Raised when acknowledged changes are not in the database."""


class BodyGone(OperationalError):
    """Raised when the body of an account cannot be read now: its version is stored no more, or it is damaged. Whoever
    asks again gets the current one. It counts as trouble of the database, which every border knows.
    """
