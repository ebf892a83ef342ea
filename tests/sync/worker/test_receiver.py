"""The receiver by itself: what it hands to the writer's queue, and what it answers when that is full."""

from __future__ import annotations

import msgspec
import pytest

from sync.core.account.view import View
from sync.core.change.changes import Reported
from sync.core.pace import go_on
from sync.protocol.messages import (
    AccountStatus,
    DataDelta,
    DataSyncAck,
    LoginStatus,
    Profile,
    Snapshot,
    WireObservation,
    WorkerStatus,
)
from sync.worker.ports import Sender
from sync.worker.receiver import DataSyncReceiver, merge_report
from sync.writing.jobs import Done, Job, Outcome, Refused
from tests.sync.builders import ACCOUNT, NOW, a_message, a_sync, a_view, an_account

WORKER = Sender("w1", 3)
WRONG_SCAN = "WrongAccount: logged in as 1, this account is 2"


class Queue:
    """The writer's, as far as a receiver sees it."""

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.jobs: list[Job] = []

    def submit(self, job: Job) -> bool:
        if not self.full:
            self.jobs.append(job)
        return not self.full


def a_receiver(queue: Queue, view: View | None = None) -> DataSyncReceiver:
    return DataSyncReceiver(queue.submit, lambda _account_id: view or a_view(), lambda: {"acc"}, lambda: NOW)


def with_messages(raw: bytes, **fields: object) -> Snapshot:
    return Snapshot(platform="douyin", data={"messages": msgspec.Raw(raw)}, **fields)  # type: ignore[arg-type]


# -- the scope of a snapshot


@pytest.mark.parametrize(
    ("raw", "filled"),
    [
        (b'[{"id":"msg_acc_1"}]', True),
        (b'[ {"id":"msg_acc_1"}]', True),
        (b'\n[\n\t{"id":"msg_acc_1"}]', True),
        (b"[]", False),
        (b"[ ]", False),
        (b"[\n]", False),
        (b"", False),
        (b"[" + b" " * 100 + b'{"id":"msg_acc_1"}]', False),  # its start is hidden: no proof
    ],
)
def test_the_first_bytes_of_a_list_say_whether_it_proves_anything(raw: bytes, filled: bool) -> None:
    queue = Queue()
    a_receiver(queue).receive_snapshot([a_sync(snapshot=with_messages(raw))], 10, b"digest", WORKER, lambda _ack: None)
    scope = queue.jobs[0].scope
    assert scope is not None
    assert scope.named == {"messages"}
    assert scope.proven == ({"messages"} if filled else set())


def test_a_partial_list_proves_nothing() -> None:
    queue = Queue()
    snapshot = with_messages(msgspec.json.encode([a_message("1")]), partial=["messages"])
    a_receiver(queue).receive_snapshot([a_sync(snapshot=snapshot)], 10, b"digest", WORKER, lambda _ack: None)
    scope = queue.jobs[0].scope
    assert scope is not None
    assert (scope.named, scope.proven, scope.lossy) == (frozenset({"messages"}), frozenset(), False)


# -- a snapshot that is nothing new


class UnchangedAccount:
    """An account at a version to which the snapshot `digest` was nothing new."""

    def __init__(self) -> None:
        self.queue = Queue()
        self.view = a_view()
        self.acks: list[DataSyncAck] = []
        self.receiver = DataSyncReceiver(self.queue.submit, lambda _id: self.view, lambda: {"acc"}, lambda: NOW)
        self.send()
        self.queue.jobs.pop().answer(Done(self.view, False, [], self.view))

    def send(self, digest: bytes = b"digest", **fields: object) -> None:
        self.receiver.receive_snapshot([a_sync(**fields)], 10, digest, WORKER, self.acks.append)


def test_a_snapshot_that_is_nothing_new_is_answered_at_once() -> None:
    account = UnchangedAccount()
    account.send()
    assert account.queue.jobs == []
    ack = account.acks[-1]
    assert (ack.success, ack.changed, ack.version, len(account.acks)) == (True, False, 0, 2)


def test_another_one_and_one_with_observations_go_to_the_writer() -> None:
    account = UnchangedAccount()
    account.send(b"other")
    account.queue.jobs.pop().answer(Refused("busy", "later"))
    account.send(observed=[WireObservation(surface="messages", start=1, end=2)])
    assert len(account.queue.jobs) == 1


def test_behind_another_job_of_the_account_it_waits_for_the_writer() -> None:
    account = UnchangedAccount()
    account.receiver.receive_delta(
        DataDelta(account_id=ACCOUNT, platform="douyin"), NOW, 1, WORKER, account.acks.append
    )
    account.send()
    assert len(account.queue.jobs) == 2


def test_at_another_version_of_the_account_it_goes_to_the_writer() -> None:
    account = UnchangedAccount()
    account.view = msgspec.structs.replace(account.view, version=account.view.version + 1)
    account.send()
    assert len(account.queue.jobs) == 1


# -- a full queue


def test_a_full_queue_is_answered_at_once_and_counted() -> None:
    receiver, acks = a_receiver(Queue(full=True)), list[DataSyncAck]()
    receiver.receive_snapshot([a_sync()], 10, b"digest", WORKER, acks.append)
    [ack] = acks
    assert (ack.success, ack.error_code, ack.retry_after_ms) == (False, "busy", 1_000)
    assert receiver.statistics.accounts[ACCOUNT].failed == 1


# -- reports on accounts


def test_a_report_becomes_a_change_under_the_workers_lease() -> None:
    queue = Queue()
    view = an_account().view
    status = AccountStatus(account_id=ACCOUNT, worker_status="crawling", profile=Profile(user_name="Roses"))
    assert a_receiver(queue, view).receive_status(status, WORKER, lambda _outcome: None)
    [job] = queue.jobs
    assert (job.account_id, job.actor.name, job.lease_epoch) == (ACCOUNT, "worker:w1", 3)
    change = job.make(view, NOW, go_on).change
    assert isinstance(change, Reported)
    assert (change.report.worker_status, change.report.profile.user_name) == ("crawling", "Roses")


def test_a_report_that_says_nothing_new_is_not_written() -> None:
    queue, account, outcomes = Queue(), an_account(), list[Outcome]()
    status = AccountStatus(account_id=ACCOUNT, worker_status="crawling")
    assert a_receiver(queue, account.view).receive_status(status, WORKER, outcomes.append)
    account.apply(queue.jobs.pop().make(account.view, NOW, go_on).change)
    assert not a_receiver(queue, account.view).receive_status(status, WORKER, outcomes.append)
    assert (queue.jobs, outcomes) == ([], [])


def test_a_report_is_compared_with_what_is_on_its_way() -> None:
    queue, account, outcomes = Queue(), an_account(), list[Outcome]()
    receiver = DataSyncReceiver(queue.submit, lambda _account_id: account.view, lambda: {ACCOUNT}, lambda: NOW)
    for status in ("crawling", "backoff", "crawling"):
        report = AccountStatus(account_id=ACCOUNT, worker_status=status)
        assert receiver.receive_status(report, WORKER, outcomes.append)
    for job in queue.jobs:
        before = account.view
        account.apply(job.make(account.view, NOW, go_on).change)
        job.answer(Done(account.view, True, [], before))
    assert account.view.report.worker_status == "crawling"
    assert len(outcomes) == 3
    assert not receiver.receive_status(AccountStatus(account_id=ACCOUNT, worker_status="crawling"), WORKER, print)


def test_the_reason_of_a_failure_is_kept_as_long_as_the_account_fails() -> None:
    account, reasons = an_account(), []
    said: list[tuple[WorkerStatus, str | None]] = [
        ("backoff", "messages: Retryable: HTTP 500"),
        ("backoff", None),
        ("error", "x" * 900),
        ("crawling", "notifications: PageChanged: no bell"),
        ("backoff", None),
    ]
    for status, words in said:
        told = AccountStatus(account_id=ACCOUNT, worker_status=status, last_error_message=words)
        account.apply(Reported(report=merge_report(account.view, told) or account.view.report))
        reasons.append(account.view.report.error)
    assert reasons == ["messages: Retryable: HTTP 500"] * 2 + ["x" * 200, None, None]


@pytest.mark.parametrize(
    ("login", "words", "kept"),
    [
        ("not_logged_in", WRONG_SCAN, WRONG_SCAN),
        ("qrcode_pending", WRONG_SCAN, WRONG_SCAN),
        ("qrcode_pending", "messages: Retryable: HTTP 500", None),
        ("qrcode_pending", "WrongAccountOrSo: other words", None),
        ("qrcode_pending", None, None),
        ("unknown", WRONG_SCAN, None),
    ],
)
def test_an_account_that_waits_for_a_login_keeps_only_that_another_one_was_scanned(
    login: LoginStatus, words: str | None, kept: str | None
) -> None:
    account = an_account()
    failed = AccountStatus(account_id=ACCOUNT, worker_status="error", last_error_message="NoChromium: none")
    told = AccountStatus(account_id=ACCOUNT, worker_status="waiting", login_status=login, last_error_message=words)
    for status in (failed, told):
        account.apply(Reported(report=merge_report(account.view, status) or account.view.report))
    assert account.view.report.error == kept


def test_a_report_that_finds_a_full_queue_is_refused_and_may_come_again() -> None:
    outcomes = list[Outcome]()
    receiver = a_receiver(Queue(full=True))
    for _ in range(2):
        receiver.receive_status(AccountStatus(account_id=ACCOUNT, worker_status="crawling"), WORKER, outcomes.append)
    assert outcomes == [Refused("busy", "too much is waiting to be written", 1_000)] * 2
