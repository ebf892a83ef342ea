"""What the crawl of one account needs of others: browser contexts, somebody who hears of it, limits of time."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from msgspec import Struct

from crawler.account.hygiene import Limits, Measured
from crawler.platforms.base import BrowserSession, QrCode
from sync.protocol.crash_pauses import FIRST_MS
from sync.protocol.login_messages import LoginState
from sync.protocol.messages import Snapshot


class AccountBrowserSession(BrowserSession, Protocol):
    """The part that the runner needs of an account's browser context beside its pages."""

    async def is_alive(self) -> bool:
        """Ask the browser whether the context still works."""
        ...

    async def storage_state(self, databases: Sequence[str] = ()) -> dict[str, Any]:
        """Return cookies, local storage and `databases` of IndexedDB in Playwright's form. It is never logged."""
        ...

    async def measure(self) -> Measured:
        """Return what its open pages take. Raises PlaywrightError, TimeoutError."""
        ...


class Sessions(Protocol):
    """Makes browser contexts; `Browser` is one."""

    def session(
        self, account_id: str, storage_state: Mapping[str, Any] | None = None
    ) -> AbstractAsyncContextManager[AccountBrowserSession]:
        """Open the context of one account, made of `storage_state`. Raises Retryable, NoChromium on entering."""
        ...


class Hooks(Protocol):
    """Receives what the runner finds out; `RunnerHooks` is one."""

    def set_status(self, account_id: str, **changes: Any) -> None:
        """Change attributes of the account's `AccountStatus`."""
        ...

    def keep_session(self, account_id: str, storage_state: dict[str, Any]) -> None:
        """Store a new session at the hub."""
        ...

    async def show_qr(self, account_id: str, qr: QrCode) -> None:
        """Show a login code to a person."""
        ...

    def note_login(self, account_id: str, state: LoginState, *, error: str | None = None) -> None:
        """Tell whoever asked for the login how it stands."""
        ...

    def is_login_asked(self, account_id: str) -> bool:
        """Return whether somebody waits for a login of the account."""
        ...

    async def ask_code(self, account_id: str, hint: str | None) -> str:
        """Ask a person for the code that the platform sent, and return it."""
        ...

    def hide_qr(self, account_id: str) -> None:
        """Take the login code away: it was used or is dead."""
        ...

    async def fetch(self, account_id: str) -> Iterable[Snapshot]:
        """Return what the hub holds of the account. Waits until the hub answers."""
        ...


class RunnerTiming(Struct, frozen=True, kw_only=True):
    """Limits and waits, in seconds.

    `observe`: the longest time for one observation. `session_every`: how often a session that changed by itself is
    stored. `backoff_first`, `backoff_cap`: the first and the longest wait after a failure. `login_first`, `login_cap`:
    the same before the login page is opened again that nobody scanned. `look_again`: the wait before a stored session
    is looked at once more that seems to be logged out. `crash_first`: the first pause after a browser ended several
    times in a row. `limits`: when a context is made anew.
    """

    observe: float = 300
    session_every: float = 300
    backoff_first: float = 5
    backoff_cap: float = 300
    login_first: float = 60
    login_cap: float = 3600
    look_again: float = 5
    crash_first: float = FIRST_MS / 1000
    limits: Limits = Limits()
