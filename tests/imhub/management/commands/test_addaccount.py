"""`manage.py addaccount`: one line from nothing to an account that a worker crawls and an operator answers."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from im_api.models import Grant
from sync.models import Account, Worker
from tests.sync.histories import a_message, write_history

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> None:
    call_command("addaccount", *arguments)


def test_an_account_its_worker_and_its_operator_are_made() -> None:
    add("roses", "--platform", "douyin", "--name", "小满花店", "--worker", "atlas", "--operator", "mei")
    account = Account.objects.get()
    assert account.worker is not None
    assert (account.pk, account.platform, account.name, account.worker.name) == ("roses", "douyin", "小满花店", "atlas")
    grant = Grant.objects.get()
    assert (grant.user.username, grant.account_id, grant.level) == ("mei", "roses", "operate")
    assert not grant.user.has_usable_password()
    assert (grant.user.is_staff, grant.user.is_superuser) == (False, False)


def test_the_same_line_again_changes_nothing() -> None:
    line = ("roses", "--platform", "douyin", "--name", "Roses", "--worker", "atlas", "--operator", "mei")
    add(*line)
    add(*line)
    assert Account.objects.get().lease_epoch == 1
    assert (Worker.objects.count(), Grant.objects.count(), get_user_model().objects.count()) == (1, 1, 1)


def test_an_update_keeps_what_it_does_not_name() -> None:
    add("roses", "--platform", "douyin", "--name", "Roses", "--worker", "atlas")
    Account.objects.update(alias="R", version=5)
    add("roses", "--platform", "douyin", "--name", "Red roses")
    account = Account.objects.get()
    assert account.worker is not None
    assert (account.name, account.alias, account.worker.name, account.version) == ("Red roses", "R", "atlas", 5)


def test_an_account_that_would_capture_stored_ids_is_refused() -> None:
    write_history("roses", {"messages": [a_message(1), a_message(2, conversationId="conv_roses_2_9")]})
    with pytest.raises(CommandError, match="id: conv_roses_2_9, which account roses holds, would be an id of this"):
        add("roses_2", "--platform", "douyin", "--name", "Roses")
    assert not Account.objects.filter(pk="roses_2").exists()
    add("roses_3", "--platform", "douyin", "--name", "Roses")


def test_what_is_only_written_about_captures_nothing() -> None:
    write_history("roses", {"messages": [a_message(1, content='see "conv_roses_2_9"', senderName="conv_roses_2_9")]})
    add("roses_2", "--platform", "douyin", "--name", "Roses")


def test_another_worker_is_another_lease() -> None:
    add("roses", "--platform", "douyin", "--name", "Roses", "--worker", "atlas")
    add("roses", "--platform", "douyin", "--name", "Roses", "--worker", "hermes")
    account = Account.objects.get()
    assert account.worker is not None
    assert (account.worker.name, account.lease_epoch) == ("hermes", 2)


def test_a_reader_becomes_an_operator() -> None:
    add("roses", "--platform", "douyin", "--name", "Roses")
    mei = get_user_model().objects.create(username="mei")
    Grant.objects.create(user=mei, account_id="roses", level="read")
    add("roses", "--platform", "douyin", "--name", "Roses", "--operator", "mei")
    assert Grant.objects.get().level == "operate"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["two words", "--platform", "douyin", "--name", "X"], "id: "),
        (["all", "--platform", "douyin", "--name", "X"], "id: "),
        (["roses", "--platform", "myspace", "--name", "X"], "'myspace'"),
        (["roses", "--platform", "douyin", "--name", ""], "name: "),
        (["roses", "--platform", "douyin", "--name", "x" * 121], "name: "),
        (["roses", "--platform", "douyin", "--name", "X", "--worker", "a:b"], "name: "),
        (["roses", "--platform", "douyin", "--name", "X", "--operator", "no one"], "username: "),
        (["roses", "--name", "X"], "--platform"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError) as refused:
        add(*arguments)
    assert reason in str(refused.value)
    assert (Account.objects.count(), Worker.objects.count(), get_user_model().objects.count()) == (0, 0, 0)


def test_an_account_does_not_move_to_another_platform() -> None:
    Account.objects.create(pk="roses", name="Roses", platform="other")
    with pytest.raises(CommandError, match="is of platform 'other'"):
        add("roses", "--platform", "douyin", "--name", "Roses")
