"""Reasons why the hub cannot use what is stored."""


class Unusable(Exception):
    """Raised with a message that names what cannot be used, and says what to do."""


class Damaged(Unusable):
    """Raised when what is stored cannot be trusted. The message names the account and the row, or the file."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what.rstrip('.')}. Restore the database from a backup, or import an export of it")


class LostChanges(Unusable):
    """Raised when acknowledged changes are not in the database."""
