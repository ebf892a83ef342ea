"""Two connections at once. What a database makes of it differs; what comes of it may not."""

from collections.abc import Callable
from functools import partial
from threading import Thread

import pytest
from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.models.signals import post_delete

from im_api.models import Grant
from sync.directory import get_generation, raise_generation
from sync.models import Account, Change, Generation
from sync.writing.jobs import Done, Refused
from tests.sync.writing.a_hub import AHub, messages

pytestmark = pytest.mark.django_db(transaction=True)

# Long enough for the other side to get as far as it can.
HEAD_START_S = 0.5


def begin(work: Callable[[], None]) -> Thread:
    """`work` in a thread with a database connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def hubs() -> tuple[AHub, AHub]:
    Account.objects.create(pk="a", name="a")
    return AHub(), AHub()


def test_two_writers_of_one_account_lose_nothing_and_leave_no_gap(hubs: tuple[AHub, AHub]) -> None:
    def write(hub: AHub, first: int) -> None:
        for n in range(first, first + 20):
            done = False
            while not done:
                hub.submit("a", messages(n), merge=["messages"])
                hub.writer.drain()
                done = isinstance(hub.outcomes[-1], Done)

    threads = [begin(partial(write, hub, first)) for hub, first in zip(hubs, (0, 20), strict=True)]
    for thread in threads:
        thread.join(60)
    refused = {outcome.code for hub in hubs for outcome in hub.outcomes if isinstance(outcome, Refused)}
    assert refused <= {"busy"}
    assert list(Change.objects.order_by("version").values_list("version", flat=True)) == list(range(1, 41))
    assert hubs[0].loaded()["a"].totals.messages == 40


def test_an_owner_deletes_an_account_while_its_worker_writes(hubs: tuple[AHub, AHub]) -> None:
    """The rows of the account go first, the account last: what is written between would keep it from going."""
    hub, _ = hubs
    Grant.objects.create(user=get_user_model().objects.create(username="ann"), account_id="a")
    writing: list[Thread] = []

    def write(**_: object) -> None:
        hub.submit("a", messages(1))
        writing.append(begin(hub.writer.drain))
        writing[0].join(HEAD_START_S)

    post_delete.connect(write, sender=Grant)
    try:
        Account.objects.get(pk="a").delete()
    finally:
        post_delete.disconnect(write, sender=Grant)
        writing[0].join(60)
    assert hub.outcomes == [Refused("not_assigned", "account a is not assigned to this worker")]
    assert not Account.objects.exists()
    assert not Change.objects.exists()


def test_the_first_two_changes_of_all_both_raise_the_generation() -> None:
    Generation.objects.all().delete()

    def change() -> None:
        with transaction.atomic():
            raise_generation()

    with transaction.atomic():
        raise_generation()
        other = begin(change)
        other.join(HEAD_START_S)
    other.join(60)
    assert get_generation() == 2
