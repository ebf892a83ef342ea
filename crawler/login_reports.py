"""Tells the hub how the logins stand that somebody asked for there, and takes the codes that people typed there."""

import asyncio
from typing import Final, NoReturn

import structlog
from msgspec import Struct
from msgspec.structs import replace

from crawler.platforms.base import QrCode
from crawler.uplink.newest_sender import NewestSender
from crawler.uplink.uplink import Uplink
from sync.protocol.login_messages import LoginReport, LoginState
from sync.protocol.messages import Ack

log = structlog.get_logger(__name__)

_MAX_WORDS: Final = 300
_OPEN: Final[tuple[LoginState, ...]] = ("qrcode_ready", "scanned", "code_required")


class _Login(Struct):
    """The login of one account: how it stands, who asked for it (None: nobody), and who waits for a typed code."""

    report: LoginReport | None = None
    session_id: str | None = None
    typed: asyncio.Future[str] | None = None

    @property
    def is_open(self) -> bool:
        """Return whether a login page is shown now."""
        return self.report is not None and self.report.state in _OPEN


class LoginReports:
    """Keeps how each login stands. What was asked for is sent until the hub acknowledged it, the newest only.

    A code is a secret for as long as it lives: no report is ever logged.
    """

    def __init__(self, uplink: Uplink) -> None:
        self._logins: dict[str, _Login] = {}
        self._sender = NewestSender[LoginReport](uplink, lambda _account_id, report: report, _on_answer)

    def ask(self, account_id: str, session_id: str) -> bool:
        """Report on the account's login under `session_id` from now on. Return whether its page is open already."""
        login = self._logins.setdefault(account_id, _Login())
        login.session_id = session_id
        if login.is_open and login.report is not None:
            self._send_later(replace(login.report, session_id=session_id))
        return login.is_open

    def is_asked(self, account_id: str) -> bool:
        """Return whether somebody waits for this login."""
        login = self._logins.get(account_id)
        return login is not None and login.session_id is not None

    def note(
        self,
        account_id: str,
        state: LoginState,
        *,
        qr: QrCode | None = None,
        hint: str | None = None,
        error: str | None = None,
    ) -> None:
        """Keep how the login stands, and report it to whoever asked. An end is the end of what was asked."""
        login = self._logins.setdefault(account_id, _Login())
        login.report = LoginReport(
            session_id=login.session_id or "-",
            account_id=account_id,
            state=state,
            qrcode=qr.image if qr is not None else None,
            expires_at=qr.expires_at if qr is not None else None,
            hint=hint[:_MAX_WORDS] if hint else None,
            error_message=error[:_MAX_WORDS] if error else None,
        )
        if login.session_id is not None:
            self._send_later(login.report)
        if not login.is_open:
            self._end(login)

    def forget(self, account_id: str) -> None:
        """Forget the login page of the account: it is closed. Who asked for a login still waits for it."""
        login = self._logins.get(account_id)
        if login is not None:
            login.report = None
            self._end(login, keep=login.session_id)

    async def wait_typed(self, account_id: str, hint: str | None) -> str:
        """Ask for the code that the platform sent, and return it as soon as somebody typed it."""
        login = self._logins.setdefault(account_id, _Login())
        login.typed = asyncio.get_running_loop().create_future()
        self.note(account_id, "code_required", hint=hint)
        return await login.typed

    def take_typed(self, session_id: str, code: str) -> bool:
        """Hand a typed code to the login that waits for it. Return whether one does."""
        for login in self._logins.values():
            if login.session_id == session_id and login.typed is not None and not login.typed.done():
                login.typed.set_result(code)
                return True
        return False

    async def run(self) -> NoReturn:
        """Send what is to be reported, for ever."""
        await self._sender.run()

    def repeat(self) -> None:
        """Report all logins again that are open: the hub may have lost them with the connection."""
        for login in self._logins.values():
            if login.is_open and login.session_id is not None and login.report is not None:
                self._send_later(login.report)

    def _end(self, login: _Login, *, keep: str | None = None) -> None:
        login.session_id = keep
        if login.typed is not None:
            login.typed.cancel()
            login.typed = None

    def _send_later(self, report: LoginReport) -> None:
        self._sender.keep(report.account_id, report)


def _on_answer(account_id: str, ack: Ack, _is_newest: bool) -> None:
    if not ack.success:
        log.warning("the hub did not take the state of a login", account=account_id, code=ack.error_code)
