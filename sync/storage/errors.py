"""Why the hub cannot use what is stored."""


class Unusable(Exception):
    """The message names what cannot be used, and says what to do."""


class Damaged(Unusable):
    """What is stored cannot be trusted. The message names the account and the row, or the file."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what.rstrip('.')}. Restore the database from a backup, or import an export of it")


class LostChanges(Unusable):
    """Acknowledged changes are not in the database."""
