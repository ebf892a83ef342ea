"""The adapter of one Douyin account."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from playwright.async_api import Error as BrowserError

from crawler.errors import PageChanged, Retryable, cut_words
from crawler.platforms.base import BrowserSession, LoginDialog, SurfaceObservation
from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.login import QrLogin, open_entry_quietly, refuse_another_person
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.comments import observe_comments
from crawler.platforms.douyin.surfaces.messages import observe_messages
from crawler.platforms.douyin.surfaces.notices import observe_notices
from crawler.platforms.douyin.surfaces.profile import observe_profile
from crawler.platforms.douyin.surfaces.works import observe_works
from crawler.platforms.douyin.visit import settled_signs
from sync.protocol.messages import AssignedAccount, LoginStatus, Surface
from sync.protocol.times import Clock

_OBSERVERS: dict[Surface, Callable[[DouyinState, BrowserSession], Awaitable[SurfaceObservation]]] = {
    "profile": observe_profile,
    "contents": observe_works,
    "messages": observe_messages,
    "comments": observe_comments,
    "notifications": observe_notices,
}


class Douyin:
    """One Douyin account. An observation of `comments` covers the replies; they are no surface of their own."""

    def __init__(self, account: AssignedAccount, settings: Mapping[str, str], clock: Clock) -> None:
        """Read the account's `config`. Raises AccountRefused if it is bad."""
        self.surfaces: Sequence[Surface] = tuple(_OBSERVERS)
        self._had_session = account.storage_state is not None
        config = read_config(account.config, settings)
        self._state = DouyinState(account.account_id, account.platform_user_id, config, clock)

    async def check_login(self, session: BrowserSession) -> LoginStatus:
        """Return the state of the login; `unknown` unless the signs are clear.

        Raises AccountRefused (another person's login), Retryable.
        """
        state = self._state
        try:
            async with session.page() as page:
                await open_entry_quietly(page, state.pages.login)
                signs = await settled_signs(page, state.pace)
        except BrowserError as error:
            raise Retryable("the browser failed") from error
        refuse_another_person(signs.card, state.platform_user_id)
        if signs.logged_in:
            self._had_session = True
            return "logged_in"
        if signs.logged_out:
            return "expired" if self._had_session else "not_logged_in"
        return "unknown"

    async def log_in(self, session: BrowserSession, dialog: LoginDialog) -> None:
        """Show login codes until one is scanned, and ask for the second step if the platform wants one.

        Raises LoginTimeout, WrongAccount, PageChanged, Retryable.
        """
        state = self._state
        try:
            async with session.page() as page:
                await QrLogin(page, state.config, state.pace, state.clock, dialog).run(state.pages.login)
                signs = await settled_signs(page, state.pace)
        except BrowserError as error:
            raise Retryable("the browser failed") from error
        refuse_another_person(signs.card, state.platform_user_id)
        self._had_session = True

    async def observe(self, session: BrowserSession, surface: Surface) -> SurfaceObservation:
        """Observe one surface. Raises LoginLost, PageChanged, Retryable, AccountRefused (profile)."""
        observe = _OBSERVERS.get(surface)
        if observe is None:
            raise PageChanged(f"no observation of {surface}")
        try:
            return await observe(self._state, session)
        except BrowserError as error:
            raise Retryable(f"{surface}: {cut_words(error)}") from error
