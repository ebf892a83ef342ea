"""Passes on what the runners find out: to the hub, and to the person at this worker."""

from collections.abc import Callable, Iterable
from typing import Any

from crawler.account.fetch import fetch_snapshots
from crawler.account.status import StatusBoard
from crawler.display import Display
from crawler.heartbeat import SessionKeeper
from crawler.login_reports import LoginReports
from crawler.platforms.base import QrCode
from crawler.uplink.uplink import Uplink
from sync.protocol.login_messages import LoginState
from sync.protocol.messages import Ack, Snapshot


class RunnerHooks:
    """The hooks of all runners of a worker.

    `is_crawled` tells whether the crawl of an account goes on. `on_refused` gets an account's id, and the hub's refusal
    to hand out its data.
    """

    def __init__(
        self,
        uplink: Uplink,
        board: StatusBoard,
        keeper: SessionKeeper,
        logins: LoginReports,
        display: Display,
        *,
        is_crawled: Callable[[str], bool],
        on_refused: Callable[[str, Ack], None],
    ) -> None:
        self._uplink = uplink
        self._board = board
        self._keeper = keeper
        self._logins = logins
        self._display = display
        self._is_crawled = is_crawled
        self._on_refused = on_refused

    def set_status(self, account_id: str, **changes: Any) -> None:
        """Change attributes of the account's status, unless its crawl ended meanwhile."""
        if self._is_crawled(account_id):
            self._board.update(account_id, **changes)

    def keep_session(self, account_id: str, storage_state: dict[str, Any]) -> None:
        """Store a new session at the hub."""
        self._keeper.keep(account_id, storage_state)

    async def show_qr(self, account_id: str, qr: QrCode) -> None:
        """Show a login code to the person at this worker, and to whoever asked for it at the hub."""
        self._display.show_qr(account_id, qr)
        self._logins.note(account_id, "qrcode_ready", qr=qr)

    def note_login(self, account_id: str, state: LoginState, *, error: str | None = None) -> None:
        """Tell whoever asked for the login how it stands."""
        self._logins.note(account_id, state, error=error)

    def is_login_asked(self, account_id: str) -> bool:
        """Return whether somebody waits for a login of the account."""
        return self._logins.is_asked(account_id)

    async def ask_code(self, account_id: str, hint: str | None) -> str:
        """Ask for the code that the platform sent; it is typed at the hub."""
        return await self._logins.wait_typed(account_id, hint)

    def hide_qr(self, account_id: str) -> None:
        """Take the login code away."""
        self._display.hide_qr(account_id)

    async def fetch(self, account_id: str) -> Iterable[Snapshot]:
        """Return what the hub holds of the account, as a snapshot or its parts. Waits until the hub answers."""
        return await fetch_snapshots(self._uplink, account_id, self._on_refused)
