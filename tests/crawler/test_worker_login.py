"""A login that somebody asked for at the hub: the worker shows its page there, and keeps what came of it."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from crawler.errors import LoginTimeout, PageChanged, WrongAccount
from sync.protocol.login_messages import AccountLogin, AccountLoginAck, LoginCode, LoginCodeAck, LoginReport
from sync.protocol.messages import AccountLogout, DataSync, Profile, SessionReport, TaskAssign, TaskAssignAck
from tests.crawler.builders import an_account
from tests.crawler.fakes import CODE, FakeAdapter
from tests.crawler.stage import EVERY, Stage, an_active, on_stage
from tests.waiting import until


def a_stranger(account_id: str = "a", **changes: Any) -> Any:
    return an_account(account_id, config=EVERY, **changes)


def logged_out(adapter: FakeAdapter) -> None:
    adapter.login = "not_logged_in"


async def reported(stage: Stage, session_id: str, state: str) -> LoginReport:
    def matching() -> list[LoginReport]:
        reports = [r for r in stage.hub.all_of(LoginReport) if r.session_id == session_id]
        return [report for report in reports if report.state == state]

    await until(matching, f"login {session_id} {state}")
    return matching()[-1]


async def ask(stage: Stage, session_id: str = "s1") -> None:
    await stage.hub.tell(AccountLogin(account_id="a", session_id=session_id))
    await stage.hub.nth(AccountLoginAck, 1)


async def test_whoever_asks_sees_the_code_and_the_session_is_kept_at_the_hub() -> None:
    async with on_stage(a_stranger(), prepare=logged_out) as stage:
        await stage.reported("a", login_status="qrcode_pending")
        assert stage.hub.all_of(LoginReport) == []
        await ask(stage)
        shown = await reported(stage, "s1", "qrcode_ready")
        assert (shown.qrcode, shown.account_id) == (CODE, "a")
        stage.platform.of("a").scanned.set()
        await reported(stage, "s1", "success")
        session = await stage.hub.nth(SessionReport, 1)
        await stage.reported("a", worker_status="crawling", login_status="logged_in")
        assert len(stage.platform.made) == 1
    assert session.storage_state == stage.sessions.state


async def test_the_typed_code_of_the_second_step_reaches_the_page_and_no_log() -> None:
    def careful(adapter: FakeAdapter) -> None:
        logged_out(adapter)
        adapter.second_step = "204918"
        adapter.scanned.set()

    with capture_logs() as logs:
        async with on_stage(a_stranger(), prepare=careful) as stage:
            await stage.reported("a", login_status="qrcode_pending")
            await ask(stage)
            asked = await reported(stage, "s1", "code_required")
            assert asked.hint == "138****1234"
            await stage.hub.tell(LoginCode(session_id="other", code="204918"), "code-1")
            await until(lambda: [ack.success for ack in stage.hub.all_of(LoginCodeAck)] == [False])
            before = len(stage.hub.all_of(LoginReport))
            await stage.hub.tell(LoginCode(session_id="s1", code="111111"), "code-2")
            await until(lambda: len(stage.hub.all_of(LoginReport)) > before)
            await stage.hub.tell(LoginCode(session_id="s1", code="204918"), "code-3")
            await reported(stage, "s1", "success")
            assert [ack.success for ack in stage.hub.all_of(LoginCodeAck)] == [False, True, True]
    assert "204918" not in repr(logs)
    assert CODE not in repr(logs)


async def test_another_persons_login_is_not_kept_and_the_next_code_comes() -> None:
    def other(adapter: FakeAdapter) -> None:
        logged_out(adapter)
        adapter.scanned_by = "999"

    async with on_stage(a_stranger(platform_user_id="111"), prepare=other) as stage:
        await stage.reported("a", login_status="qrcode_pending")
        await ask(stage)
        await reported(stage, "s1", "qrcode_ready")
        stage.platform.of("a").scanned.set()
        wrong = await reported(stage, "s1", "wrong_account")
        assert "999" in (wrong.error_message or "")
        await stage.hub.tell(AccountLogin(account_id="a", session_id="s2"))
        await reported(stage, "s2", "qrcode_ready")
        await stage.reported("a", login_status="qrcode_pending", last_error_message=wrong.error_message)
        assert stage.hub.all_of(SessionReport) == []
        assert stage.hub.all_of(DataSync) == []
        adapter = stage.platform.of("a")
        adapter.scanned_by = "111"
        adapter.scanned.set()
        await reported(stage, "s2", "success")
        await stage.reported("a", login_status="logged_in", last_error_message=None)
        await stage.hub.nth(SessionReport, 1)


async def test_a_stored_login_of_another_person_is_dropped_once_somebody_logs_in() -> None:
    def stolen(adapter: FakeAdapter) -> None:
        logged_out(adapter)
        adapter.check_error = WrongAccount("logged in as 999")

    async with on_stage(a_stranger(storage_state={"cookies": [], "origins": []}), prepare=stolen) as stage:
        await stage.reported("a", worker_status="error")
        await ask(stage)
        await reported(stage, "s1", "qrcode_ready")
        await stage.reported("a", login_status="qrcode_pending", last_error_message=None)
        assert stage.sessions.made[-1].started_from is None


async def test_a_login_that_still_works_is_kept() -> None:
    async with on_stage(an_account("a", config=EVERY, storage_state={"cookies": [], "origins": []})) as stage:
        await stage.hub.nth(DataSync, 1)
        await ask(stage)
        await reported(stage, "s1", "success")
        assert len(stage.platform.made) == 2


async def test_an_unscanned_and_a_broken_login_page_are_told_apart() -> None:
    errors: list[Exception] = [LoginTimeout("nobody scanned")]

    def late(adapter: FakeAdapter) -> None:
        logged_out(adapter)
        adapter.login_error = errors[-1]

    async with on_stage(a_stranger(), prepare=late) as stage:
        await stage.reported("a", login_status="not_logged_in")
        await ask(stage)
        await reported(stage, "s1", "expired")
        errors.append(PageChanged("the login page shows no code"))
        await stage.hub.tell(AccountLogin(account_id="a", session_id="s2"))
        broken = await reported(stage, "s2", "failed")
        assert broken.error_message == "PageChanged: the login page shows no code"


async def test_after_a_cut_the_hub_hears_of_an_open_login_again() -> None:
    async with on_stage(a_stranger(), prepare=logged_out) as stage:
        await stage.reported("a", login_status="qrcode_pending")
        await ask(stage)
        await reported(stage, "s1", "qrcode_ready")
        before = len(stage.hub.all_of(LoginReport))
        await stage.hub.cut()
        await until(lambda: len(stage.hub.all_of(LoginReport)) > before)
        assert (await reported(stage, "s1", "qrcode_ready")).qrcode == CODE


async def test_a_number_that_was_read_here_is_asked_of_the_next_login() -> None:
    async with on_stage(a_stranger(), prepare=logged_out) as stage:
        await stage.reported("a", login_status="qrcode_pending")
        stage.worker.board.update("a", profile=Profile(platform_user_id="111"))
        await stage.hub.tell(AccountLogout(account_id="a"))
        await until(lambda: len(stage.platform.made) == 2)
        assert stage.platform.of("a").account.platform_user_id == "111"


async def test_a_number_that_the_owner_noted_later_ends_the_reading_of_another_account() -> None:
    async with on_stage(an_active()) as stage:
        await stage.reported("a", worker_status="crawling", login_status="logged_in")
        stage.worker.board.update("a", profile=Profile(platform_user_id="111"))
        await stage.hub.tell(TaskAssign(account=an_active(platform_user_id="111")))
        await stage.hub.nth(TaskAssignAck, 1)
        assert len(stage.platform.made) == 1, "that number came from here"
        await stage.hub.tell(TaskAssign(account=an_active(platform_user_id="222")))
        await until(lambda: len(stage.platform.made) == 2)
        assert stage.platform.of("a").account.platform_user_id == "222"
