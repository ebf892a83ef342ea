"""The adapter of one Douyin account."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Error as BrowserError

from crawler.errors import CheckAsked, CrawlError, PageChanged, Retryable, cut_words
from crawler.platforms.base import BrowserSession, LoginDialog, Permission, ReplyOutcome, SurfaceObservation
from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.login import QrLogin, open_entry_quietly, refuse_another_person
from crawler.platforms.douyin.pace import until
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.reply.replier import reply
from crawler.platforms.douyin.resident import ResidentPage
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.comments import observe_comments
from crawler.platforms.douyin.surfaces.notices import observe_notices
from crawler.platforms.douyin.surfaces.profile import observe_profile
from crawler.platforms.douyin.surfaces.works import observe_works
from crawler.platforms.douyin.tape import WORDS, Tape
from crawler.platforms.douyin.visit import CheckWatch, raise_of_signs, settled_signs
from crawler.recording.recorder import Recordings
from sync.protocol.messages import AssignedAccount, LoginStatus, Surface
from sync.protocol.reply_messages import ReplyRequest
from sync.protocol.times import Clock

_OBSERVERS: dict[Surface, Callable[[DouyinState, BrowserSession], Awaitable[SurfaceObservation]]] = {
    "profile": observe_profile,
    "contents": observe_works,
    "comments": observe_comments,
    "notifications": observe_notices,
}

# In the order of a first crawl. To look at notices marks them read, so that they are looked at only if it is wanted.
_SURFACES: Final[Sequence[Surface]] = ("profile", "contents", "messages", "comments", "notifications")


class Douyin:
    """One Douyin account. An observation of `comments` covers the replies; they are no surface of their own."""

    def __init__(
        self,
        account: AssignedAccount,
        settings: Mapping[str, str],
        clock: Clock,
        recordings: Recordings | None = None,
    ) -> None:
        """Read the account's `config`. `recordings` get what its pages load. Raises AccountRefused if it is bad."""
        self._resident: ResidentPage | None = None
        self._had_session = account.storage_state is not None
        config = read_config(account.config, settings)
        self.surfaces: Sequence[Surface] = _SURFACES if config.read_notices else _SURFACES[:-1]
        facts = {"read_notices": config.read_notices}
        recorder = recordings.open("douyin", account.account_id, WORDS, **facts) if recordings is not None else None
        self._state = DouyinState(account.account_id, account.platform_user_id, config, clock, Tape(recorder))

    login_databases: Sequence[str] = ()
    """Reading needs none: with the cookies alone the pages read all the same."""

    async def check_login(self, session: BrowserSession) -> LoginStatus:
        """Return the state of the login; `unknown` unless the signs are clear.

        Raises AccountRefused (another person's login), CheckAsked, Retryable.
        """
        state = self._state
        try:
            async with session.page() as page:
                await open_entry_quietly(page, state.pages.login)
                signs = await settled_signs(page, state.pace)
                url = page.url
        except BrowserError as error:
            raise Retryable("the browser failed") from error
        if signs.check:
            raise_of_signs(signs, url)
        refuse_another_person(signs.card, state.platform_user_id)
        if signs.logged_in:
            self._had_session = True
            return "logged_in"
        if signs.logged_out or signs.kicked:
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
        if self._resident is not None:
            await self._resident.close()  # It is of the session before.

    async def wait_for_person(self, session: BrowserSession, asked: CheckAsked) -> bool:
        """Show the check to whoever sits there, and return whether it was passed within `check_s`. Raises Retryable.

        It is never solved or avoided by us: the page with its pictures comes to the front, and nothing else is done.
        """
        state = self._state
        if self._resident is not None:
            await self._resident.close()
        try:
            async with session.page(for_person=True) as page:
                entry = EntryPage(name="the page of the check", url=asked.url or state.pages.notices.url)
                await open_entry_quietly(page, entry)
                await page.bring_to_front()
                await settled_signs(page, state.pace)
                return await until(CheckWatch(page).is_passed, state.config.check_s, step_s=state.pace.settle(2.0))
        except BrowserError as error:
            raise Retryable("the browser failed") from error

    @asynccontextmanager
    async def listening(self, take: Callable[[SurfaceObservation], None]) -> AsyncIterator[None]:
        """Keep the page of messages open after its first observation; `take` gets what arrives there by itself."""
        self._resident = ResidentPage(self._state, take)
        try:
            yield
        finally:
            resident, self._resident = self._resident, None
            await resident.close()

    async def observe(self, session: BrowserSession, surface: Surface) -> SurfaceObservation:
        """Observe one surface. Raises LoginLost, PageChanged, Retryable, AccountRefused (profile)."""
        tape = self._state.tape
        tape.begin(surface)
        try:
            observation = await self._observe(session, surface)
        except BrowserError as error:
            tape.failed(surface, error)
            raise Retryable(f"{surface}: {cut_words(error)}") from error
        except CrawlError as error:
            tape.failed(surface, error)
            raise
        tape.end(observation)
        return observation

    async def _observe(self, session: BrowserSession, surface: Surface) -> SurfaceObservation:
        if surface == "messages":
            return await (self._resident or ResidentPage(self._state)).observe(session)
        observe = _OBSERVERS.get(surface)
        if observe is None:
            raise PageChanged(f"no observation of {surface}")
        return await observe(self._state, session)

    async def reply(self, session: BrowserSession, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        """Send a reply. Raises NotPressed, LoginLost, CheckAsked, PageChanged, Retryable."""
        return await reply(self._state, self._resident or ResidentPage(self._state), session, request, permission)
