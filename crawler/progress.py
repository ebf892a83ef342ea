"""Shows how each account goes: a live table in a terminal, plain log lines elsewhere."""

import contextlib
import io
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crawler.platforms.base import QrCode
from crawler.qr_terminal import NotReadable, decode_data_uri, draw_qr
from sync.protocol.items import COLLECTIONS
from sync.protocol.messages import AccountStatus
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

_STYLES: Final = {"crawling": "green", "waiting": "yellow", "backoff": "yellow", "error": "red"}


class QrFiles:
    """Login codes as private files, for eyes and terminals that cannot read half blocks. Removed after the login."""

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}

    def save(self, account_id: str, png: bytes) -> Path:
        """Write `png` to a new file that only this user can read, in place of the account's older one.

        Return its path.
        """
        self.remove(account_id)
        # mkstemp makes it readable for this user only.
        handle, name = tempfile.mkstemp(prefix=f"imhub-login-{account_id}-", suffix=".png")
        with os.fdopen(handle, "wb") as file:
            file.write(png)
        self._paths[account_id] = Path(name)
        return self._paths[account_id]

    def remove(self, account_id: str) -> None:
        """Remove the account's file, if there is one."""
        if path := self._paths.pop(account_id, None):
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all files."""
        for account_id in list(self._paths):
            self.remove(account_id)


class LogLines:
    """Shows the worker as log lines: one per change of an account's state.

    `shows_codes`: whether login codes are spoken of; where a phone confirms by itself, nobody needs them.
    """

    def __init__(self, files: QrFiles, clock: Clock, *, shows_codes: bool = True) -> None:
        self._files = files
        self._clock = clock
        self._shows_codes = shows_codes
        self._shown: dict[str, tuple[object, ...]] = {}

    def show_link(self, state: str) -> None:
        """Show the state of the link to the hub."""
        log.info("link to the hub", state=state)

    def show_account(self, name: str, status: AccountStatus) -> None:
        """Show the account called `name`, unless nothing changed since the last line about it."""
        shown = (status.worker_status, status.login_status, status.last_error_message)
        if self._shown.get(status.account_id) == shown:
            return
        self._shown[status.account_id] = shown
        log.info(
            "account",
            account=status.account_id,
            name=name,
            state=status.worker_status,
            login=status.login_status,
            error=status.last_error_message,
            **status.counts,
        )

    def forget_account(self, account_id: str) -> None:
        """Show nothing of the account any more."""
        self._shown.pop(account_id, None)
        self._files.remove(account_id)

    def show_qr(self, account_id: str, qr: QrCode) -> None:
        """Say where the login code is. What is printed here ends in a log, and a code is a key to the account."""
        if self._shows_codes:
            seconds = max(0, qr.expires_at - self._clock()) // 1000
            log.info("the login code is on the accounts page of the hub", account=account_id, seconds=seconds)

    def _describe_qr(self, account_id: str, qr: QrCode) -> list[str]:
        return _describe_qr(self._files, account_id, qr, self._clock()) if self._shows_codes else []

    def hide_qr(self, account_id: str) -> None:
        """Remove the file of the login code."""
        self._files.remove(account_id)


class LiveTable(LogLines):
    """Shows the worker as a table that is redrawn in place; log lines scroll above it."""

    def __init__(self, files: QrFiles, clock: Clock, console: Console, *, shows_codes: bool = True) -> None:
        super().__init__(files, clock, shows_codes=shows_codes)
        self._console = console
        self._link = "connecting"
        self._accounts: dict[str, tuple[str, AccountStatus]] = {}
        self.live = Live(get_renderable=self.render, console=console, refresh_per_second=2, transient=True)

    def show_link(self, state: str) -> None:
        """Show the state of the link in the table's title."""
        self._link = state

    def show_account(self, name: str, status: AccountStatus) -> None:
        """Show the account's row."""
        self._accounts[status.account_id] = (name, status)

    def forget_account(self, account_id: str) -> None:
        """Remove the account's row."""
        super().forget_account(account_id)
        self._accounts.pop(account_id, None)

    def show_qr(self, account_id: str, qr: QrCode) -> None:
        """Print the login code above the table."""
        for line in self._describe_qr(account_id, qr):
            self._console.print(Text(line), soft_wrap=True)

    def render(self) -> Table:
        """Return the table as it is now."""
        table = Table(title=f"hub: {self._link}", title_justify="left", expand=True)
        for heading in ("account", "state", "login", *COLLECTIONS, "last look", "trouble"):
            table.add_column(heading, overflow="ellipsis", no_wrap=heading != "trouble")
        for name, status in self._accounts.values():
            state = status.worker_status or ""
            table.add_row(
                Text(name),
                Text(state, style=_STYLES.get(state, "")),
                status.login_status or "",
                *(str(status.counts.get(collection, 0)) for collection in COLLECTIONS),
                self._ago(status.last_crawl_time),
                Text(status.last_error_message or ""),
            )
        return table

    def _ago(self, at: int | None) -> str:
        return "" if at is None else f"{max(0, self._clock() - at) // 1000} s ago"


@contextmanager
def open_display(clock: Clock, console: Console | None = None, *, shows_codes: bool = True) -> Iterator[LogLines]:
    """Open the display that fits the terminal. No login code is left on disk after it."""
    console = console or Console(stderr=True)
    files = QrFiles()
    try:
        if not console.is_terminal:
            yield LogLines(files, clock, shows_codes=shows_codes)
            return
        table = LiveTable(files, clock, console, shows_codes=shows_codes)
        with table.live, _logs_above():
            yield table
    finally:
        files.clear()


@contextmanager
def _logs_above() -> Iterator[None]:
    """Let log handlers write through the table while it is live: else each line would tear it."""
    moved: list[tuple[logging.StreamHandler[io.TextIOBase], io.TextIOBase]] = []
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            moved.append((handler, handler.stream))
            handler.setStream(sys.stderr)
    try:
        yield
    finally:
        for handler, stream in moved:
            with contextlib.suppress(ValueError):
                handler.setStream(stream)


def _describe_qr(files: QrFiles, account_id: str, qr: QrCode, now: int) -> list[str]:
    seconds = max(0, qr.expires_at - now) // 1000
    lines = [f"Log in account {account_id}: scan this code with the platform's app ({seconds} s)."]
    try:
        png = decode_data_uri(qr.image)
    except NotReadable as error:
        log.warning("the login code is no picture", account=account_id, reason=str(error))
        return lines
    with contextlib.suppress(NotReadable):
        lines.extend(draw_qr(qr.image).splitlines())
    lines.append(f"The same as a picture: {files.save(account_id, png)}")
    return lines
