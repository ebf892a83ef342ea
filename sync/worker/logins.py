"""The logins that people asked for: how each of them stands now. They live in memory only, and end there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from sync.protocol.login_messages import AccountLogin, LoginCode, LoginReport, LoginState
from sync.protocol.messages import WireMessage
from sync.protocol.times import Clock

ShownLoginState = LoginState | Literal["starting"]

STARTS_MS: Final = 120_000
"""After so long without a word of the worker, a login may be begun anew."""
LONGEST_MS: Final = 15 * 60_000
"""The longest life of a login; an ended one is shown for as long."""
WAITS: Final[frozenset[ShownLoginState]] = frozenset({"starting", "qrcode_ready", "scanned", "code_required"})
WORKER_GONE: Final = "the worker's computer is not connected any more"


class Login(Struct, frozen=True, kw_only=True):
    """A login as people see it. Times are ms UTC. `qrcode`: a picture, only while it is to be scanned.

    `by`: the name of who asked for it.
    """

    account_id: str
    session_id: str
    state: ShownLoginState
    by: str
    started_at: int
    updated_at: int
    qrcode: str | None = None
    hint: str | None = None
    expires_at: int | None = None
    error_message: str | None = None

    @property
    def is_open(self) -> bool:
        """Return whether something is still to be done in it."""
        return self.state in WAITS

    @property
    def is_cut_off(self) -> bool:
        """Return whether its worker went away before its end."""
        return self.state == "failed" and self.error_message == WORKER_GONE


class LoginTracker:
    """The newest login of each account. Everything runs on the event loop.

    `order` sends an order about an account to its worker, and returns whether one has it. `listeners` get the id of an
    account whose login changed.

    A login code is a key to the account while it lives: it is kept here and nowhere else, and is never logged.
    """

    def __init__(
        self,
        clock: Clock,
        order: Callable[[str, WireMessage], bool],
        listeners: Collection[Callable[[str], None]] = (),
    ) -> None:
        self._clock = clock
        self._order = order
        self._listeners = listeners
        self._logins: dict[str, Login] = {}
        self.share: Callable[[str, Login | None], None] = lambda _account_id, _login: None
        """Tells other hubs of the login of an account; None when it is over."""

    def get(self, account_id: str) -> Login | None:
        """Return the account's login; None if there is none, or it is long over."""
        login = self._logins.get(account_id)
        return login if login is not None and self._clock() - login.started_at < LONGEST_MS else None

    def begin(self, account_id: str, by: str) -> Login | None:
        """Have the account's worker show a login code, and return the login; None if no worker has the account.

        One that is still open goes on.
        """
        now, login = self._clock(), self.get(account_id)
        is_stuck = login is not None and login.state == "starting" and now - login.started_at > STARTS_MS
        if login is not None and login.is_open and not is_stuck:
            return login
        fresh = Login(
            account_id=account_id,
            session_id=secrets.token_hex(16),
            state="starting",
            by=by,
            started_at=now,
            updated_at=now,
        )
        if not self._order(account_id, AccountLogin(account_id=account_id, session_id=fresh.session_id)):
            return None
        self._keep(fresh)
        return fresh

    def hand_in(self, account_id: str, code: str) -> bool:
        """Give the worker the code that the platform sent. Return False if the login waits for none."""
        login = self.get(account_id)
        if login is None or login.state != "code_required":
            return False
        if not self._order(account_id, LoginCode(session_id=login.session_id, code=code)):
            return False
        self._keep(replace(login, state="scanned", updated_at=self._clock(), hint=None))
        return True

    def note(self, report: LoginReport) -> bool:
        """Take what the worker says. Return False for a login that nobody waits for any more."""
        login = self.get(report.account_id)
        if login is None or login.session_id != report.session_id:
            return False
        is_code = report.state == "qrcode_ready"
        self._keep(
            replace(
                login,
                state=report.state,
                updated_at=self._clock(),
                qrcode=report.qrcode if is_code else None,
                expires_at=report.expires_at if is_code else None,
                hint=report.hint,
                error_message=report.error_message,
            )
        )
        return True

    def fail(self, account_ids: Collection[str], why: str = WORKER_GONE) -> None:
        """End the open logins of these accounts."""
        for account_id in account_ids:
            login = self.get(account_id)
            if login is not None and login.is_open:
                over = replace(login, state="failed", updated_at=self._clock(), error_message=why)
                self._keep(replace(over, qrcode=None, expires_at=None, hint=None))

    def forget(self, account_id: str) -> None:
        """Drop the login of an account that was logged out, or is gone."""
        if self._logins.pop(account_id, None) is not None:
            self.share(account_id, None)
            self._tell(account_id)

    def take(self, account_id: str, login: Login | None) -> None:
        """Take what another hub knows of the login of an account."""
        if login is None:
            self._logins.pop(account_id, None)
        else:
            self._logins[account_id] = login
        self._tell(account_id)

    def _keep(self, login: Login) -> None:
        self._logins[login.account_id] = login
        self.share(login.account_id, login)
        self._tell(login.account_id)

    def _tell(self, account_id: str) -> None:
        for listener in self._listeners:
            listener(account_id)
