"""Runs one account: logs in, observes each surface in turn, reports what is wrong. One task per account."""

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog
from playwright.async_api import Error as PlaywrightError

from crawler.account.data_manager import AccountDataManager
from crawler.account.hygiene import Hygiene
from crawler.account.needs import AccountBrowserSession, Hooks, RunnerTiming, Sessions
from crawler.account.schedule import Schedule
from crawler.account.turn import Turn
from crawler.browsers.browser import BrowserLost
from crawler.browsers.session import normalise_state
from crawler.errors import (
    MAX_BRIEF,
    AccountRefused,
    CheckAsked,
    CrawlError,
    LoginLost,
    LoginTimeout,
    PageChanged,
    Retryable,
    SlowDown,
    WrongAccount,
    brief,
)
from crawler.platforms.base import Adapter, QrCode, SurfaceObservation
from crawler.uplink.backoff import Backoff
from sync.protocol.crash_pauses import CrashStreaks
from sync.protocol.messages import AssignedAccount, LoginStatus, Surface, WireObservation, WorkerStatus
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

MOST_CHECKS: Final = 3
"""So often the login is looked at behind a check. A page that asks at each look is left alone for a while."""

_ANSWERED: Final[tuple[Surface, ...]] = ("messages", "comments")


class AccountRunner:
    """The crawl of one account until it is refused. Whatever else fails is tried again after a backoff.

    `clock` gives ms UTC. `account.config["intervals"]` has seconds by surface.
    """

    def __init__(
        self,
        account: AssignedAccount,
        adapter: Adapter,
        sessions: Sessions,
        manager: AccountDataManager,
        hooks: Hooks,
        clock: Clock,
        timing: RunnerTiming | None = None,
    ) -> None:
        self._account = account
        self._id = account.account_id
        self._adapter = adapter
        self._sessions = sessions
        self._manager = manager
        self._hooks = hooks
        self._clock = clock
        self._timing = timing or RunnerTiming()
        self._backoff = Backoff(self._timing.backoff_first, self._timing.backoff_cap)
        self._login_backoff = Backoff(self._timing.login_first, self._timing.login_cap)
        self._schedule = Schedule(adapter.surfaces, account.config.get("intervals", {}), clock())
        self.turn = Turn(adapter)
        self._state: dict[str, Any] | None = account.storage_state
        self._state_at = clock()
        self._errors = 0
        self._crashes = CrashStreaks(int(self._timing.crash_first * 1000))
        self._pause_s = 0.0
        self.hygiene = Hygiene(self._timing.limits, clock())
        """What the account takes in the browser now."""
        self._is_logging_in = False
        """A login page is, or was, open: what it refuses is a login of this moment, not the stored one."""

    @property
    def storage_state(self) -> dict[str, Any] | None:
        """Return the session as it was kept last, or None without one."""
        return self._state

    async def run(self) -> None:
        """Fetch the hub's data once, then crawl until the account is refused. Raises nothing of its own."""
        if not self._manager.is_restored:
            self._manager.restore(await self._hooks.fetch(self._id))
        self._status(worker_status="waiting", counts=self._manager.counts)
        while True:
            if not await self._run_once():
                return
            await asyncio.sleep(max(self._backoff.next_s(), self._pause_s))

    async def _run_once(self) -> bool:
        """Crawl in one browser context until it fails. Return whether to try again."""
        self._pause_s = 0.0
        try:
            async with self._sessions.session(self._id, self._state) as session:
                await self._crawl(session)
        except AccountRefused as error:
            if isinstance(error, WrongAccount) and (self._is_logging_in or self._hooks.is_login_asked(self._id)):
                self._drop_wrong_login(error)
                return True
            log.error("the account cannot be crawled", account=self._id, reason=str(error))
            self._hooks.note_login(self._id, "failed", error=brief(error))
            self._complain(error, worker_status="error")
            return False
        except LoginTimeout:
            log.info("nobody scanned the code, the login page is opened again later", account=self._id)
            self._hooks.note_login(self._id, "expired")
            self._status(worker_status="waiting", login_status="not_logged_in")
            # Whoever asks for a login meanwhile has the crawl started anew, which ends this wait.
            await asyncio.sleep(self._login_backoff.next_s())
            self._backoff.reset()
        except BrowserLost as error:
            log.warning("the browser ended, it is started again", account=self._id, reason=brief(error))
            self._hooks.note_login(self._id, "failed", error=brief(error))
            self._complain(self._count_crash(error), worker_status="backoff")
        except (CrawlError, PlaywrightError, TimeoutError) as error:
            log.warning("the account is tried again later", account=self._id, reason=brief(error))
            retryable = not isinstance(error, CrawlError) or error.retryable
            self._hooks.note_login(self._id, "failed", error=brief(error))
            self._complain(error, worker_status="backoff" if retryable else "error")
        except Exception as error:
            log.exception("the account failed, it is started again", account=self._id)
            self._hooks.note_login(self._id, "failed", error=brief(error))
            self._complain(error, worker_status="error")
        return True

    def _count_crash(self, error: BrowserLost) -> BrowserLost:
        """Set the pause before the next try, and return the error with it if there is one."""
        pause_ms = self._crashes.note(self._id, self._clock())
        self._pause_s = pause_ms / 1000
        if not pause_ms:
            return error
        return BrowserLost(
            f"ended {self._crashes.count(self._id)} times in a row; again in {-(-pause_ms // 60_000)} min"
        )

    async def _crawl(self, session: AccountBrowserSession) -> None:
        try:
            await self._ensure_login(session)
            async with self._adapter.listening(self._take_news):
                await self._observe_regularly(session)
        finally:
            self.turn.shut("starting")

    async def _observe_regularly(self, session: AccountBrowserSession) -> None:
        """Look at one surface after the other until the context is to be made anew."""
        self.hygiene = Hygiene(self._timing.limits, self._clock())
        while not await self._is_worn(session):
            self.turn.open(session)
            due = self._schedule.next(self._clock())
            if due.wait_s > 0 and await self.turn.pause(due.wait_s):
                self._schedule.hurry("messages", self._clock())
                continue
            try:
                async with self.turn.looking():
                    await self._observe(session, due.surface)
            except CheckAsked as asked:
                self._schedule.failed(due.surface, self._clock())
                await self._wait_for_person(session, asked)
            except LoginLost:
                self._schedule.failed(due.surface, self._clock())
                await self._ensure_login(session)
            await self._keep_changed_session(session)

    async def _is_worn(self, session: AccountBrowserSession) -> bool:
        """Measure the context now and then, and return whether to make a new one. Nobody is disturbed who replies."""
        now, hygiene = self._clock(), self.hygiene
        if hygiene.is_due(now):
            with suppress(PlaywrightError, TimeoutError):  # whoever needs the page next finds out what it has
                hygiene.note(await session.measure(), now)
        if not hygiene.wants_new(now) or self.turn.is_replying:
            return False
        log.info("the pages are opened anew", account=self._id, age_s=hygiene.use.age_s, memory=hygiene.use.memory_mb)
        self.turn.shut("starting")
        await self._keep_session(session)
        return True

    async def _ensure_login(self, session: AccountBrowserSession) -> None:
        """Check the login, and wait for a scan if there is none. Raises LoginTimeout, WrongAccount, Retryable."""
        self._is_logging_in = False
        login = await self._check_login(session)
        if login != "logged_in" and self._state is not None and not self._hooks.is_login_asked(self._id):
            await asyncio.sleep(self._timing.look_again)  # one look may find a page that is being drawn
            login = await self._check_login(session)
        if login != "logged_in":
            was = "expired" if self._state else "not_logged_in"
            self._status(worker_status="waiting", login_status=was)
            self.turn.shut("logged_out")
            log.info("waiting for a login", account=self._id)
            self._is_logging_in = True
            try:
                await self._adapter.log_in(session, _Dialog(self._id, self._hooks))
            finally:
                self._hooks.hide_qr(self._id)
            self._is_logging_in = False
            self._status(last_error_message=None)
            await self._keep_session(session)
            log.info("logged in", account=self._id)
        self._login_backoff.reset()
        self._hooks.note_login(self._id, "success")
        self._status(worker_status="crawling", login_status="logged_in")

    async def _check_login(self, session: AccountBrowserSession) -> LoginStatus:
        """Return whether the owner is logged in, once no check of the platform stands before it.

        Raises Retryable if the page does not say so, or if one check follows the other.
        """
        for _ in range(MOST_CHECKS):
            try:
                login = await self._look_for_login(session)
            except CheckAsked as asked:
                await self._wait_for_person(session, asked)
            else:
                return login
        raise Retryable("the platform asks for one check after the other")

    async def _look_for_login(self, session: AccountBrowserSession) -> LoginStatus:
        try:
            async with asyncio.timeout(self._timing.observe):
                login = await self._adapter.check_login(session)
        except TimeoutError as error:
            raise Retryable("the page of the login did not answer") from error
        if login == "unknown":
            raise Retryable("the page does not say whether this account is logged in")
        return login

    async def _wait_for_person(self, session: AccountBrowserSession, asked: CheckAsked) -> None:
        """Leave the account alone until a person passed the platform's check. Raises Retryable, BrowserLost."""
        log.error("the platform asks for a check that a person must pass", account=self._id)
        self._complain(asked, worker_status="error")
        self.turn.shut("check")
        while not await self._adapter.wait_for_person(session, asked):
            if not await session.is_alive():
                raise BrowserLost("the browser ended during a check")
        log.info("the check was passed", account=self._id)
        self._status(worker_status="crawling", last_error_message=None)

    def _drop_wrong_login(self, error: WrongAccount) -> None:
        """Forget the login of another person; the next try begins without it."""
        log.warning("another person's login is dropped", account=self._id)
        self._status(worker_status="waiting", login_status="not_logged_in", last_error_message=None)
        if self._is_logging_in:
            self._hooks.note_login(self._id, "wrong_account", error=brief(error))
            self._complain(error, worker_status="waiting")
            self._backoff.reset()
        self._is_logging_in, self._state = False, None

    async def _observe(self, session: AccountBrowserSession, surface: Surface) -> None:
        """Observe one surface. Errors that concern this surface only end here.

        Raises LoginLost, CheckAsked, BrowserLost, AccountRefused.
        """
        start = self._clock()
        try:
            async with asyncio.timeout(self._timing.observe):
                observation = await self._adapter.observe(session, surface)
        except PageChanged as error:
            self._manager.record(
                WireObservation(surface=surface, start=start, end=self._clock(), canary="page_changed"),
            )
            log.error("a page changed", account=self._id, surface=surface, reason=brief(error))
            self._failed(surface, error)
            self._manager.plan(self._schedule.wait_s(surface, self._clock()))
        except CheckAsked:
            raise
        except SlowDown as error:
            log.warning("the platform asks to slow down", account=self._id, surface=surface, reason=brief(error))
            self._failed(surface, error)
            self._schedule.slowed_down(self._clock())
            self._status(worker_status="backoff")
        except (Retryable, TimeoutError, PlaywrightError) as error:
            if not await session.is_alive():
                raise BrowserLost("the browser ended during an observation") from error
            log.warning("an observation failed", account=self._id, surface=surface, reason=brief(error))
            self._failed(surface, error)
        else:
            self._take_observation(surface, observation)

    def _take_observation(self, surface: Surface, observation: SurfaceObservation) -> None:
        brought = self._manager.apply_observation(observation)
        self._schedule.succeeded(surface, self._clock(), brought=brought)
        self._manager.plan(self._schedule.wait_s(surface, self._clock()))
        self._backoff.reset()
        changes: dict[str, Any] = {"last_crawl_time": self._clock(), "counts": self._manager.counts}
        if observation.profile is not None:
            changes["profile"] = observation.profile
        if not self._schedule.is_any_failing:
            self._errors = 0
            changes |= {"error_count": 0, "last_error_message": None}
        self._status(worker_status=self._work(), **changes)

    def _take_news(self, observation: SurfaceObservation) -> None:
        """Take in what arrived by itself. Its surface is looked at as planned all the same."""
        if self._manager.apply_observation(observation):
            self._schedule.arrived(self._clock())
        self._status(last_crawl_time=self._clock(), counts=self._manager.counts)

    def _failed(self, surface: Surface, error: Exception) -> None:
        self._schedule.failed(surface, self._clock())
        self._complain(error, worker_status=self._work(), where=f"{surface}: ")

    def _work(self) -> WorkerStatus:
        """Return `backoff` while something cannot be read in which people wait for answers, or nothing can be."""
        failing = self._schedule.is_all_failing or any(map(self._schedule.is_failing, _ANSWERED))
        return "backoff" if failing else "crawling"

    def _complain(self, error: Exception, *, worker_status: str, where: str = "") -> None:
        self._errors += 1
        message = (where + brief(error))[:MAX_BRIEF]
        self._status(worker_status=worker_status, error_count=self._errors, last_error_message=message)

    def _status(self, **changes: Any) -> None:
        self._hooks.set_status(self._id, **changes)

    async def _keep_changed_session(self, session: AccountBrowserSession) -> None:
        if self._clock() - self._state_at >= self._timing.session_every * 1000:
            await self._keep_session(session)

    async def _keep_session(self, session: AccountBrowserSession) -> None:
        async with asyncio.timeout(self._timing.observe):
            state = await session.storage_state(self._adapter.login_databases)
        changed = normalise_state(state) != normalise_state(self._state)
        self._state, self._state_at = state, self._clock()
        if changed:
            self._hooks.keep_session(self._id, state)


class _Dialog:
    """The people at the hub and at this worker, in front of one login."""

    def __init__(self, account_id: str, hooks: Hooks) -> None:
        self._id = account_id
        self._hooks = hooks

    async def show_qr(self, qr: QrCode) -> None:
        self._hooks.set_status(self._id, worker_status="waiting", login_status="qrcode_pending")
        await self._hooks.show_qr(self._id, qr)

    async def show_scanned(self) -> None:
        self._hooks.note_login(self._id, "scanned")

    async def ask_code(self, hint: str | None) -> str:
        return await self._hooks.ask_code(self._id, hint)
