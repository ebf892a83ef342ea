"""A reply that the hub asks for: who may press, what is said of its end, and what stops it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as BrowserError

from crawler.errors import CheckAsked, NotPressed, PageChanged, Retryable, SlowDown
from crawler.platforms.base import ReplyOutcome
from crawler.replies.desk import ReplyTiming
from crawler.replies.journal import ReplyJournal
from sync.protocol.messages import Register, TaskRevoke
from sync.protocol.reply_messages import (
    ReplyProgress,
    ReplyProgressAck,
    ReplyReason,
    ReplyRequest,
    ReplyRequestAck,
    ReplyResult,
    ReplyResultAck,
    ReplyTarget,
)
from tests.crawler.fakes import FakeAdapter
from tests.crawler.stage import Stage, an_active, on_stage
from tests.crawler.uplink.test_uplink import IMPATIENT
from tests.waiting import until


def a_request(number: int = 1, **fields: Any) -> ReplyRequest:
    values: dict[str, Any] = {
        "reply_id": f"repl_a_{number:032}",
        "account_id": "a",
        "lease_epoch": 1,
        "attempt": 1,
        "mode": "send",
        "kind": "message",
        "target": ReplyTarget(conversation_id="fan", user_id="fan"),
        "text": f"text {number}",
        "deadline": 0,
    }
    return ReplyRequest(**(values | fields))


@asynccontextmanager
async def at_work(
    place: Path, prepare: Callable[[FakeAdapter], None] = lambda _: None, **options: Any
) -> AsyncIterator[Stage]:
    """A worker that looks at its account, and may send replies."""
    file = place / "replies.json"
    async with on_stage(an_active(), prepare=prepare, replies_file=file, **options) as stage:
        await until(lambda: stage.platform.made and stage.platform.of("a").observed)
        yield stage


async def asked(stage: Stage, request: ReplyRequest) -> ReplyRequestAck:
    number = len(stage.hub.all_of(ReplyRequestAck)) + 1
    await stage.hub.tell(request, request.request_id)
    ack: ReplyRequestAck = await stage.hub.nth(ReplyRequestAck, number)
    return ack


async def result(stage: Stage, number: int = 1) -> ReplyResult:
    found: ReplyResult = await stage.hub.nth(ReplyResult, number)
    return found


def held(adapter: FakeAdapter) -> None:
    adapter.typed.clear()


def unanswered(adapter: FakeAdapter) -> None:
    adapter.answered.clear()


async def test_a_reply_is_typed_permitted_pressed_and_its_result_kept_until_the_hub_has_it(tmp_path: Path) -> None:
    async with at_work(tmp_path, uplink=IMPATIENT) as stage:
        stage.hub.answers[ReplyResult] = lambda _: None
        assert (await asked(stage, a_request(attempt=2))).success
        wish = await stage.hub.nth(ReplyProgress, 1)
        assert (wish.state, wish.attempt, wish.known) == ("pressing", 2, ("m0",))
        said = await result(stage)
        assert (said.state, said.attempt, said.confirmed_platform_id, said.evidence) == ("sent", 2, "m99", "response")
        assert stage.platform.of("a").pressed == ["text 1"]
        assert [one.reply_id for one in ReplyJournal(tmp_path / "replies.json").results()] == [said.reply_id]
        del stage.hub.answers[ReplyResult]
        await result(stage, 2)
        await until(lambda: not ReplyJournal(tmp_path / "replies.json").results())
        assert "text 1" not in (tmp_path / "replies.json").read_text()
        assert (tmp_path / "replies.json").stat().st_mode & 0o077 == 0


async def test_a_worker_that_can_keep_results_says_that_it_can_send(tmp_path: Path) -> None:
    async with at_work(tmp_path) as stage:
        register: Register = await stage.hub.nth(Register, 1)
        assert register.capabilities == ["fake", "login", "reply"]


async def test_without_the_hubs_permission_nothing_is_pressed(tmp_path: Path) -> None:
    async with at_work(tmp_path) as stage:
        stage.hub.answers[ReplyProgress] = lambda _: ReplyProgressAck(success=False, error_code="not_permitted")
        await asked(stage, a_request())
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == ("failed", "stopped")
        assert stage.platform.of("a").pressed == []
        assert stage.platform.of("a").left_alone == ["text 1"]


async def test_a_permission_whose_answer_is_lost_is_none(tmp_path: Path) -> None:
    async with at_work(tmp_path, uplink=IMPATIENT) as stage:
        stage.hub.answers[ReplyProgress] = lambda _: None
        await asked(stage, a_request())
        assert (await result(stage)).state == "failed"
        assert stage.platform.of("a").pressed == []


async def test_one_reply_of_an_account_is_on_its_way_and_another_is_asked_for_later(tmp_path: Path) -> None:
    async with at_work(tmp_path, held) as stage:
        await asked(stage, a_request(1))
        second = await asked(stage, a_request(2))
        assert (second.success, second.error_code) == (False, "busy")
        stage.platform.of("a").typed.set()
        await result(stage)
        assert (await asked(stage, a_request(2, attempt=2))).success
        await result(stage, 2)
        assert stage.platform.of("a").pressed == ["text 1", "text 2"]


async def test_a_request_of_another_lease_is_not_taken(tmp_path: Path) -> None:
    async with at_work(tmp_path) as stage:
        assert (await asked(stage, a_request(lease_epoch=2))).error_code == "not_assigned"
        assert (await asked(stage, a_request(account_id="b"))).error_code == "not_assigned"


async def test_a_lost_link_stops_what_is_not_permitted_and_says_nothing_of_it(tmp_path: Path) -> None:
    async with at_work(tmp_path, held) as stage:
        await asked(stage, a_request())
        await stage.hub.cut()
        adapter = stage.platform.of("a")
        await until(lambda: adapter.left_alone)
        await stage.hub.nth(Register, 2)
        adapter.typed.set()
        assert (await asked(stage, a_request(attempt=2))).success
        assert (await result(stage)).attempt == 2
        assert (len(stage.hub.all_of(ReplyResult)), adapter.pressed) == (1, ["text 1"])


async def test_of_a_permission_that_a_lost_link_keeps_back_the_hub_hears_that_it_is_none(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path) as stage:
        stage.hub.answers[ReplyProgress] = lambda _: None
        await asked(stage, a_request())
        await stage.hub.nth(ReplyProgress, 1)
        stage.worker.replies.link_lost()  # before the request knows that it is
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == ("failed", "stopped")
        assert stage.platform.of("a").pressed == []


async def test_a_lost_link_does_not_stop_what_is_pressed(tmp_path: Path) -> None:
    async with at_work(tmp_path, unanswered) as stage:
        await asked(stage, a_request())
        adapter = stage.platform.of("a")
        await until(lambda: adapter.pressed)
        await stage.hub.cut()
        await stage.hub.nth(Register, 2)
        adapter.answered.set()
        assert (await result(stage)).state == "sent"


@pytest.mark.parametrize(("prepare", "state"), [(held, "failed"), (unanswered, "unknown")])
async def test_a_lost_lease_stops_a_reply_that_may_be_pressed_or_not(tmp_path: Path, prepare: Any, state: str) -> None:
    async with at_work(tmp_path, prepare) as stage:
        await asked(stage, a_request())
        if prepare is unanswered:
            await until(lambda: stage.platform.of("a").pressed)
        await stage.hub.tell(TaskRevoke(account_id="a"), "order-9")
        assert (await result(stage)).state == state


async def test_a_worker_that_ends_after_the_permission_says_unknown_at_its_next_start(tmp_path: Path) -> None:
    journal = ReplyJournal(tmp_path / "replies.json")
    journal.permitted(a_request())
    async with at_work(tmp_path) as stage:
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == ("unknown", "worker_ended")
        await until(lambda: not ReplyJournal(tmp_path / "replies.json").results())


@pytest.mark.parametrize(
    ("mode", "state", "code"),
    [("send", "failed", "stopped"), ("window", "unknown", "worker_ended")],
    ids=["nobody could press", "a person may have pressed"],
)
async def test_a_worker_that_ends_while_it_asks_for_the_permission_says_what_became_of_it_at_its_next_start(
    tmp_path: Path, mode: Any, state: str, code: str
) -> None:
    """The hub may have given the permission, and would wait for what becomes of it."""
    kept = tmp_path / "replies.json"
    async with at_work(tmp_path) as stage:
        stage.hub.answers[ReplyProgress] = lambda _: None
        await asked(stage, a_request(mode=mode))
        await stage.hub.nth(ReplyProgress, 1)
        as_it_was = kept.read_bytes()
    kept.write_bytes(as_it_was)
    async with at_work(tmp_path) as stage:
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == (state, code)


async def test_a_result_that_the_hub_never_wants_is_not_sent_again(tmp_path: Path) -> None:
    ReplyJournal(tmp_path / "replies.json").permitted(a_request())
    hub_says = ReplyResultAck(success=False, error_code="unknown_reply")
    async with at_work(tmp_path) as stage:
        stage.hub.answers[ReplyResult] = lambda _: hub_says
        await until(lambda: not ReplyJournal(tmp_path / "replies.json").results())


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (NotPressed("wrong_target"), "failed", "wrong_target"),
        (CheckAsked("a check"), "unknown", "check"),
        (PageChanged("new"), "unknown", "page_changed"),
        (RuntimeError("ours"), "unknown", "error"),
    ],
)
async def test_an_error_after_the_permission_is_unknown_unless_nothing_was_pressed_for_certain(
    tmp_path: Path, error: Exception, state: str, code: str
) -> None:
    def failing(adapter: FakeAdapter) -> None:
        adapter.reply_error = error

    async with at_work(tmp_path, failing) as stage:
        await asked(stage, a_request())
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == (state, code)


@pytest.mark.parametrize(
    "error", [BrowserError("gone"), NotPressed("browser"), NotPressed("starting"), Retryable("slow")]
)
async def test_a_reply_whose_browser_is_lost_before_anything_was_pressed_is_handed_back_and_sent_once(
    tmp_path: Path, error: Exception
) -> None:
    def failing(adapter: FakeAdapter) -> None:
        adapter.typing_error = error

    async with at_work(tmp_path, failing) as stage:
        assert (await asked(stage, a_request())).success
        back = await stage.hub.nth(ReplyRequestAck, 2)
        assert (back.success, back.error_code, back.retry_after_ms) == (False, "busy", 5_000)
        await stage.hub.tell(a_request(attempt=2), a_request(attempt=2).request_id)
        said = await result(stage)
        assert (said.state, said.attempt) == ("sent", 2)
        assert (len(stage.hub.all_of(ReplyResult)), stage.platform.of("a").pressed) == (1, ["text 1"])


async def test_where_the_platform_asks_to_slow_down_nothing_is_tried_again(tmp_path: Path) -> None:
    def failing(adapter: FakeAdapter) -> None:
        adapter.typing_error = SlowDown("操作过于频繁")

    async with at_work(tmp_path, failing) as stage:
        assert (await asked(stage, a_request())).success
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == ("failed", "risk")
        assert (len(stage.hub.all_of(ReplyRequestAck)), stage.platform.of("a").pressed) == (1, [])


async def test_a_reply_whose_browser_is_lost_after_the_permission_is_never_handed_back(tmp_path: Path) -> None:
    for number, (error, state) in enumerate([(NotPressed("browser"), "failed"), (BrowserError("gone"), "unknown")], 1):

        def failing(adapter: FakeAdapter, error: Exception = error) -> None:
            adapter.reply_error = error

        async with at_work(tmp_path, failing) as stage:
            assert (await asked(stage, a_request(number))).success
            said = await result(stage)
            assert (said.state, said.reason and said.reason.code) == (state, "browser")
            assert len(stage.hub.all_of(ReplyRequestAck)) == 1


async def test_a_reply_that_takes_too_long_ends(tmp_path: Path) -> None:
    async with at_work(tmp_path, held, replies=ReplyTiming(typing=0.05)) as stage:
        await asked(stage, a_request())
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == ("failed", "too_slow")
    async with at_work(tmp_path, unanswered, replies=ReplyTiming(send=0.05)) as stage:
        await asked(stage, a_request(2))
        said = await result(stage)
        assert (said.state, said.reason and said.reason.code) == ("unknown", "too_slow")


def test_words_with_half_a_character_do_not_keep_a_result_from_the_hub(tmp_path: Path) -> None:
    journal = ReplyJournal(tmp_path / "replies.json")
    journal.ended(
        a_request(), ReplyOutcome(state="refused", reason=ReplyReason(code="refused", text="\ud83d 已被拒收"))
    )
    [kept] = ReplyJournal(tmp_path / "replies.json").results()
    assert kept.reason == ReplyReason(code="refused", text="\ufffd 已被拒收")
