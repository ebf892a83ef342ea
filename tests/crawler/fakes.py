"""A platform and a browser that do what the test tells them to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from crawler.browsers.session import ContextUse
from crawler.errors import CheckAsked, WrongAccount
from crawler.platforms.base import (
    BrowserSession,
    LoginDialog,
    Permission,
    QrCode,
    ReplyOutcome,
    SurfaceObservation,
)
from sync.protocol.messages import AccountStatus, AssignedAccount, LoginStatus, Surface
from sync.protocol.reply_messages import ReplyRequest
from sync.protocol.times import Clock
from tests.crawler.builders import NOW, a_message, an_observation

CODE = "data:image/png;base64,AAAA"
Answer = SurfaceObservation | Exception | Callable[[], Awaitable[SurfaceObservation]]


class FakeAdapter:
    """`script`: what the observations of a surface give, one after the other; the last one again and again."""

    surfaces: tuple[Surface, ...] = ("profile", "messages")
    login_databases: tuple[str, ...] = ()

    def __init__(self, account: AssignedAccount) -> None:
        self.account = account
        self.login: LoginStatus = "logged_in"
        self.script: dict[str, list[Answer]] = {}
        self.observed: list[str] = []
        self.scanned = asyncio.Event()
        self.login_error: Exception | None = None
        self.scanned_by: str | None = None
        self.second_step: str | None = None
        self.check_error: Exception | None = None
        """Raised once by the check of a login that a session was opened with."""
        self.first_look: LoginStatus | None = None
        """What the first check of a login finds, whatever is true."""
        self.checks = 0
        self.answers_login = asyncio.Event()
        self.answers_login.set()
        self.passed = asyncio.Event()
        self.asked: list[CheckAsked] = []
        """The checks that a person was shown."""
        self.typed = asyncio.Event()
        self.typed.set()
        self.answered = asyncio.Event()
        self.answered.set()
        self.typing_error: Exception | None = None
        """Raised once, before the permission is asked for."""
        self.reply_error: Exception | None = None
        self.pressed: list[str] = []
        self.left_alone: list[str] = []
        """Texts that were taken out of the editor again."""

    async def check_login(self, session: BrowserSession) -> LoginStatus:
        self.checks += 1
        await self.answers_login.wait()
        if self.check_error is not None:
            error, self.check_error = self.check_error, None
            raise error
        found, self.first_look = self.first_look or self.login, None
        return found

    async def log_in(self, session: BrowserSession, dialog: LoginDialog) -> None:
        """`scanned_by`: the number of the phone's account. `second_step`: the code that the platform wants beside."""
        await dialog.show_qr(QrCode(image=CODE, expires_at=NOW + 150_000))
        if self.login_error is not None:
            raise self.login_error
        await self.scanned.wait()
        if self.second_step is not None:
            await dialog.show_scanned()
            while await dialog.ask_code("138****1234") != self.second_step:
                pass
        if self.account.platform_user_id and self.scanned_by not in (None, self.account.platform_user_id):
            self.scanned.clear()
            raise WrongAccount(f"logged in as {self.scanned_by}, this account is {self.account.platform_user_id}")
        self.login = "logged_in"

    async def wait_for_person(self, session: BrowserSession, asked: CheckAsked) -> bool:
        self.asked.append(asked)
        await self.passed.wait()
        return True

    @asynccontextmanager
    async def listening(self, take: Callable[[SurfaceObservation], None]) -> AsyncIterator[None]:
        self.take = take
        yield

    async def observe(self, session: BrowserSession, surface: Surface) -> SurfaceObservation:
        self.observed.append(surface)
        answers = self.script.get(surface) or [self.ordinary(surface)]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, SurfaceObservation) else await answer()

    async def reply(self, session: BrowserSession, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        """Types until `typed`, asks, presses; the platform says so once `answered`."""
        try:
            await self.typed.wait()
            if self.typing_error is not None:
                error, self.typing_error = self.typing_error, None
                raise error
            await permission.ask(["m0"])
        except BaseException:
            self.left_alone.append(request.text)
            raise
        self.pressed.append(request.text)
        await self.answered.wait()
        if self.reply_error is not None:
            raise self.reply_error
        return ReplyOutcome(state="sent", confirmed_platform_id="m99", evidence="response")

    def ordinary(self, surface: Surface) -> SurfaceObservation:
        account = self.account.account_id
        items: Any = {"messages": [a_message(1, account=account)]} if surface == "messages" else {}
        return an_observation(surface=surface, items=items)


class FakePlatform:
    """A factory that remembers its adapters. `prepare` is called with each new one."""

    def __init__(self, prepare: Callable[[FakeAdapter], None] = lambda adapter: None) -> None:
        self.prepare = prepare
        self.made: list[FakeAdapter] = []

    def __call__(self, account: AssignedAccount, settings: Mapping[str, str], clock: Clock) -> FakeAdapter:
        adapter = FakeAdapter(account)
        self.made.append(adapter)
        self.prepare(adapter)
        return adapter

    def of(self, account_id: str) -> FakeAdapter:
        return [adapter for adapter in self.made if adapter.account.account_id == account_id][-1]


class FakeSession:
    def __init__(self, sessions: "FakeSessions", state: Mapping[str, Any] | None) -> None:
        self.works = True
        self._sessions = sessions
        self.started_from = state

    def page(self, *, for_person: bool = False) -> Any:
        raise NotImplementedError

    async def is_alive(self) -> bool:
        return self.works

    async def measure(self) -> ContextUse:
        return self._sessions.use

    async def storage_state(self, databases: Sequence[str] = ()) -> dict[str, Any]:
        if self._sessions.broken is not None:
            raise self._sessions.broken
        return self._sessions.state


class FakeSessions:
    """`open`: accounts that have a context now."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.made: list[FakeSession] = []
        self.state: dict[str, Any] = a_state("s1")
        self.use = ContextUse(memory_mb=40.0, worked_s=0.0, pages=1, leaked=0)
        self.broken: Exception | None = None

    @asynccontextmanager
    async def session(
        self, account_id: str, storage_state: Mapping[str, Any] | None = None
    ) -> AsyncIterator[FakeSession]:
        self.open.append(account_id)
        session = FakeSession(self, storage_state)
        self.made.append(session)
        try:
            yield session
        finally:
            self.open.remove(account_id)


class FakeDisplay:
    def __init__(self) -> None:
        self.qr: set[str] = set()
        self.shown: dict[str, AccountStatus] = {}

    def show_link(self, state: str) -> None: ...

    def show_account(self, name: str, status: AccountStatus) -> None:
        self.shown[status.account_id] = status

    def forget_account(self, account_id: str) -> None:
        self.shown.pop(account_id, None)

    def show_qr(self, account_id: str, qr: QrCode) -> None:
        self.qr.add(account_id)

    def hide_qr(self, account_id: str) -> None:
        self.qr.discard(account_id)


def a_state(value: str) -> dict[str, Any]:
    return {"cookies": [{"name": "sessionid", "value": value, "domain": "x", "path": "/", "expires": 1}], "origins": []}
