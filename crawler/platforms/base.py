"""The interface that a platform offers to the worker.

One folder per platform implements it; nothing else knows a platform.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from msgspec import Struct
from playwright.async_api import Page

from crawler.errors import CheckAsked
from sync.protocol.items import Collection, Item
from sync.protocol.messages import AssignedAccount, Canary, LoginStatus, Profile, Surface
from sync.protocol.reply_messages import ReplyReason, ReplyRequest
from sync.protocol.times import Clock


class SurfaceObservation(Struct, frozen=True, kw_only=True):
    """The result of one observation of one surface. `start` and `end` are ms UTC, `entry` names the page that was used.

    `complete`: the end of the surface was reached. `ended`: the collections whose whole content is in `items`, so that
    absence from it is proof. An item's attribute is None where this observation could not read it. `live`: what is new
    arrives there by itself; None: it never does.
    """

    surface: Surface
    entry: str
    start: int
    end: int
    complete: bool
    canary: Canary
    items: Mapping[Collection, Sequence[Item]] = {}
    ended: frozenset[Collection] = frozenset()
    profile: Profile | None = None
    live: bool | None = None


class QrCode(Struct, frozen=True, kw_only=True):
    """A login code to scan. `image` is a PNG data URI, `expires_at` ms UTC."""

    image: str
    expires_at: int


class ReplyOutcome(Struct, frozen=True, kw_only=True):
    """The end of a reply. `sent` has the platform's id of what was sent, and where it was read.

    `refused`: the platform said no. `failed`: nothing was pressed. `unknown`: it was, or may have been, and nobody
    knows what became of it.
    """

    state: Literal["sent", "refused", "unknown", "failed"]
    reason: ReplyReason | None = None
    confirmed_platform_id: str | None = None
    evidence: Literal["response", "memory", "list"] | None = None


class Permission(Protocol):
    """The hub's word on one reply."""

    async def ask(self, known: Sequence[str]) -> None:
        """Ask to press, once; in a window before the first character. Raises NotPressed: then nothing may be pressed.

        `known`: the platform's ids of own items of the same text that are there already.
        """
        ...


class LoginDialog(Protocol):
    """The people in front of a login, as an adapter uses them."""

    async def show_qr(self, qr: QrCode) -> None:
        """Show a new code in place of the one before."""
        ...

    async def show_scanned(self) -> None:
        """Say that the code was scanned and is to be confirmed on the phone."""
        ...

    async def ask_code(self, hint: str | None) -> str:
        """Ask for the code that the platform sent to the owner, and wait for it.

        `hint`: the platform's words on where it was sent.
        """
        ...


class BrowserSession(Protocol):
    """The browser context of one account, as an adapter uses it."""

    def page(self, *, for_person: bool = False) -> AbstractAsyncContextManager[Page]:
        """Lend a page. It is closed on every path. `for_person`: it shows pictures too."""
        ...


class Adapter(Protocol):
    """One account on one platform. It keeps what it learned of the account (who is who) between observations.

    Every method raises the typed errors of `crawler.errors` and nothing else of its own making.
    """

    surfaces: Sequence[Surface]
    """In the order of a first crawl."""

    login_databases: Sequence[str]
    """The names of the databases of IndexedDB that a login needs; no others are kept."""

    async def check_login(self, session: BrowserSession) -> LoginStatus:
        """Return whether the owner is logged in, by several signs.

        A login page that is open elsewhere stays as it is. Raises CheckAsked, Retryable.
        """
        ...

    async def log_in(self, session: BrowserSession, dialog: LoginDialog) -> None:
        """Open the login page and wait for the scan; show each new code once. Raises LoginTimeout, WrongAccount."""
        ...

    async def wait_for_person(self, session: BrowserSession, asked: CheckAsked) -> bool:
        """Show the platform's check to a person, wait for a while, and return whether it was passed."""
        ...

    def listening(self, take: Callable[[SurfaceObservation], None]) -> AbstractAsyncContextManager[None]:
        """Keep pages open on which news arrives by itself, and give it to `take`, until the context ends.

        Without it everything is closed after each observation. `take` is called on the event loop and raises nothing.
        """
        ...

    async def observe(self, session: BrowserSession, surface: Surface) -> SurfaceObservation:
        """Observe one surface. Raises LoginLost, CheckAsked, PageChanged, Retryable."""
        ...

    async def reply(self, session: BrowserSession, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        """Send a reply as a person would, and return what became of it; also at a cancellation leave no text behind.

        Raises NotPressed if it is certain that nothing was pressed, LoginLost, CheckAsked, PageChanged, Retryable.
        """
        ...


class PlatformFactory(Protocol):
    """Makes the adapter of an account. Raises AccountRefused.

    `settings`: the platform's settings by their names without `IMHUB_` (base addresses). `clock` gives ms UTC.
    """

    def __call__(self, account: AssignedAccount, settings: Mapping[str, str], clock: Clock) -> Adapter: ...
