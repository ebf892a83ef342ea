"""The desk alone, without a hub: what it remembers of accounts."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC

from immutables import Map
from msgspec.structs import replace

from sync.core.account.view import View
from sync.core.change.changes import ReplyMoved
from sync.core.replies.held import hold_replies
from sync.core.replies.reply import Reply
from sync.core.replies.steps import HandedOver, HoldEnded, Seen
from sync.directory import AccountInfo, Directory
from sync.protocol.messages import WireMessage
from sync.protocol.reply_messages import ReplyResult
from sync.replies.desk import STILL_AT_IT_MS, TAKES_OVER_MS, ReplyDesk
from sync.writing.jobs import Done, Job, Published
from tests.sync.builders import ACCOUNT, NOW
from tests.sync.core.replies.builders import ASKED, HANDED, WORKER, a_pressed_reply, a_reply, after, sent_by


class NoWorkers:
    """Nobody is connected."""

    def lease_of(self, account: AccountInfo) -> int | None:
        return None

    def order(self, account_id: str, message: WireMessage) -> bool:
        return False

    def capabilities_of(self, name: str) -> frozenset[str] | None:
        return None

    def is_given_elsewhere(self, account: AccountInfo) -> bool:
        return False

    def assignments_changed(self) -> None:
        pass


def an_account() -> AccountInfo:
    return AccountInfo(
        id=ACCOUNT,
        platform="douyin",
        name="Roses",
        platform_user_id=None,
        status="active",
        worker=None,
        lease_epoch=1,
        alias=None,
        group=None,
        color=None,
        config={},
        created_at=NOW,
        updated_at=NOW,
    )


def a_view_whose_reply_waits_for_its_turn() -> View:
    replies = [after(a_pressed_reply(1), sent_by()), after(a_reply(2), HoldEnded())]
    return replace(View(account_id=ACCOUNT, fresh_ms=0, version=20), **hold_replies(Map(), replies))


async def test_a_deleted_account_is_not_kept_in_memory() -> None:
    views = {ACCOUNT: a_view_whose_reply_waits_for_its_turn()}
    directory = [Directory(accounts={ACCOUNT: an_account()})]
    desk = ReplyDesk(lambda _job: True, views.__getitem__, lambda: directory[-1], NoWorkers(), lambda: NOW, UTC)
    desk.begin(views.values())
    desk.tick()
    held = weakref.ref(views.pop(ACCOUNT))
    directory.append(Directory())
    desk.tick()
    gc.collect()
    assert held() is None


class Shared(NoWorkers):
    """The worker of the account is connected to this hub under `number`, or to another one."""

    number: int | None = None
    elsewhere = False

    def lease_of(self, account: AccountInfo) -> int | None:
        return self.number

    def is_given_elsewhere(self, account: AccountInfo) -> bool:
        return self.elsewhere


async def test_of_several_hubs_the_one_that_has_the_worker_moves_replies_on_or_that_of_the_chores() -> None:
    now, chores, moved, workers = [NOW], [True], list[Job](), Shared()
    view = replace(
        View(account_id=ACCOUNT, fresh_ms=0, version=20), **hold_replies(Map(), [after(a_reply(), HoldEnded(), HANDED)])
    )
    directory = Directory(accounts={ACCOUNT: an_account()})

    def submit(job: Job) -> bool:
        moved.append(job)
        return False

    desk = ReplyDesk(submit, lambda _: view, lambda: directory, workers, lambda: now[0], UTC, lambda: chores[0])
    desk.begin([view])

    def moves() -> int:
        moved.clear()
        desk.tick()
        return len(moved)

    workers.elsewhere = True
    assert moves() == 0
    workers.elsewhere = False
    assert moves() == 0  # it may have come to another hub that has not said so yet
    now[0] += TAKES_OVER_MS
    assert moves() == 1
    chores[0] = False
    assert moves() == 0
    workers.number = 7
    assert moves() == 1
    workers.number, chores[0] = None, True
    desk.published(Published(views=[view], is_own=False))
    assert moves() == 0  # the hub that moved it on just now has the worker, and has not said so yet
    now[0] += TAKES_OVER_MS
    assert moves() == 1


QUICK = {"apart_s": [1, 1], "per_hour": 1_000, "per_day": 1_000}
SHOWN_BEFORE_ITS_ANSWER = Seen("msg_acc_501")


class Given(Shared):
    """Takes whatever it is given."""

    number = 7

    def order(self, account_id: str, message: WireMessage) -> bool:
        return True


class ADesk:
    """A desk with two replies that may go, the second a second after the first. `jobs`: what it wants to be written."""

    def __init__(self) -> None:
        self.now, self.jobs = NOW, list[Job]()
        self.first, self.second = after(a_reply(1), HoldEnded()), after(a_reply(2), HoldEnded())
        config = {"reply_mode": "send", "budget": {"messages": QUICK, "comments": QUICK, "night": [0, 0]}}
        account = replace(an_account(), worker=WORKER, config=config)
        directory = Directory(accounts={ACCOUNT: account})
        self.desk = ReplyDesk(self._take, lambda _: self.view(), lambda: directory, Given(), lambda: self.now, UTC)
        self.desk.begin([self.view()])

    def _take(self, job: Job) -> bool:
        self.jobs.append(job)
        return True

    def view(self) -> View:
        replies: list[Reply] = [self.first, self.second]
        return replace(View(account_id=ACCOUNT, fresh_ms=0, version=20), **hold_replies(Map(), replies))

    def hand_over_the_first(self) -> None:
        self.desk.tick()
        before, self.first = self.view(), after(self.first, HANDED)
        self.jobs.pop().answer(Done(view=self.view(), changed=True, warnings=[], before=before))

    def is_second_handed_over(self) -> bool:
        """Return whether the next look hands over the second reply."""
        self.desk.tick()
        made = [job.make(self.view(), self.now, lambda: None).change for job in self.jobs]
        given = [one.reply_id for one in made if isinstance(one, ReplyMoved) and isinstance(one.step, HandedOver)]
        assert len(given) == len(made)
        return given == [self.second.id]


def a_desk_whose_worker_waits_for_the_answer_of_what_a_snapshot_shows() -> ADesk:
    desk = ADesk()
    desk.hand_over_the_first()
    desk.first = after(desk.first, ASKED, SHOWN_BEFORE_ITS_ANSWER)
    assert desk.first.state == "sent"
    desk.now += 2_000
    assert not desk.is_second_handed_over()
    return desk


def test_the_next_reply_goes_once_its_worker_told_how_the_one_ended_that_a_snapshot_showed_before() -> None:
    desk = a_desk_whose_worker_waits_for_the_answer_of_what_a_snapshot_shows()
    desk.desk.resulted(ReplyResult(reply_id=desk.first.id, attempt=1, state="unknown"), WORKER, lambda _: None)
    desk.jobs.clear()
    assert desk.is_second_handed_over()


def test_a_worker_that_never_tells_holds_the_next_reply_up_for_a_minute_at_most() -> None:
    desk = a_desk_whose_worker_waits_for_the_answer_of_what_a_snapshot_shows()
    desk.now = NOW + STILL_AT_IT_MS - 1
    assert not desk.is_second_handed_over()
    desk.now += 1
    assert desk.is_second_handed_over()
