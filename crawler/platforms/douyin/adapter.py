"""Douyin as the worker sees it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from playwright.async_api import Error as BrowserError

from crawler.errors import PageChanged, Retryable, cut_words
from crawler.platforms.base import Clock, Look, QrCode, Session
from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.login import QrLogin, open_entry_quietly, refuse_another_person
from crawler.platforms.douyin.state import State
from crawler.platforms.douyin.surfaces.comments import look_at_comments
from crawler.platforms.douyin.surfaces.messages import look_at_messages
from crawler.platforms.douyin.surfaces.notices import look_at_notices
from crawler.platforms.douyin.surfaces.profile import look_at_profile
from crawler.platforms.douyin.surfaces.works import look_at_works
from crawler.platforms.douyin.visit import settled_signs
from sync.protocol.messages import AssignedAccount, LoginStatus, Surface

_LOOKS: dict[Surface, Callable[[State, Session], Awaitable[Look]]] = {
    "profile": look_at_profile,
    "contents": look_at_works,
    "messages": look_at_messages,
    "comments": look_at_comments,
    "notifications": look_at_notices,
}


class Douyin:
    """One Douyin account. A look at `comments` covers the replies; there is no surface of their own."""

    def __init__(self, account: AssignedAccount, settings: Mapping[str, str], clock: Clock) -> None:
        """Raises AccountRefused on a bad `config`."""
        self.surfaces: Sequence[Surface] = tuple(_LOOKS)
        self._had_session = account.storage_state is not None
        config = read_config(account.config, settings)
        self._state = State(account.account_id, account.platform_user_id, config, clock)

    async def check_login(self, session: Session) -> LoginStatus:
        """`unknown` unless the signs are clear. Raises AccountRefused (another person's login), Retryable."""
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

    async def log_in(self, session: Session, show_qr: Callable[[QrCode], Awaitable[None]]) -> None:
        """Raises LoginTimeout, AccountRefused (another person scanned), PageChanged, Retryable."""
        state = self._state
        try:
            async with session.page() as page:
                await QrLogin(page, state.config, state.pace, state.clock, show_qr).run(state.pages.login)
                signs = await settled_signs(page, state.pace)
        except BrowserError as error:
            raise Retryable("the browser failed") from error
        refuse_another_person(signs.card, state.platform_user_id)
        self._had_session = True

    async def look(self, session: Session, surface: Surface) -> Look:
        """Raises LoginLost, PageChanged, Retryable, AccountRefused (profile)."""
        look = _LOOKS.get(surface)
        if look is None:
            raise PageChanged(f"no look at {surface}")
        try:
            return await look(self._state, session)
        except BrowserError as error:
            raise Retryable(f"{surface}: {cut_words(error)}") from error
