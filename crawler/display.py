"""The form of whatever shows a person how a worker goes."""

from typing import Protocol

from crawler.platforms.base import QrCode
from sync.protocol.messages import AccountStatus


class Display(Protocol):
    """Shows a person how it goes; `LogLines` and `LiveTable` are two."""

    def show_link(self, state: str) -> None:
        """Show the state of the link: connecting, connected or reconnecting."""
        ...

    def show_account(self, name: str, status: AccountStatus) -> None:
        """Show the newest status of the account called `name`."""
        ...

    def forget_account(self, account_id: str) -> None:
        """Show nothing of the account any more."""
        ...

    def show_qr(self, account_id: str, qr: QrCode) -> None:
        """Show a login code."""
        ...

    def hide_qr(self, account_id: str) -> None:
        """Take the login code away."""
        ...
