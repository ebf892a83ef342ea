"""What the owner changes reaches the running hubs, and a worker that lost an account can write no more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import DjangoCaptureOnCommitCallbacks

from sync.directory import changed_here, get_generation, load_directory
from sync.models import Account, Worker

pytestmark = pytest.mark.django_db


def an_account(**facts: Any) -> Account:
    return Account.objects.create(**{"id": "shop", "name": "Shop", **facts})


def a_worker(name: str = "w1") -> Worker:
    return Worker.objects.create(name=name)


@pytest.mark.parametrize("make", [an_account, a_worker])
def test_making_changing_and_deleting_each_raise_the_generation(make: Callable[[], Account | Worker]) -> None:
    before = get_generation()
    row = make()
    assert get_generation() == before + 1
    row.save()
    assert get_generation() == before + 2
    row.delete()
    assert get_generation() == before + 3


def test_a_save_that_is_undone_raises_nothing() -> None:
    an_account()
    before = get_generation()
    with pytest.raises(IntegrityError):
        Account(id="shop", name="The same id").save()
    assert get_generation() == before


def test_the_hub_of_this_process_hears_of_a_change_after_its_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard: list[str] = []

    def hear(**_: object) -> None:
        heard.append(load_directory().accounts["shop"].name)

    changed_here.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        an_account(name="Roses")
        assert heard == []
    assert heard == ["Roses"]


def test_each_change_of_the_worker_is_another_lease() -> None:
    account, one, two = an_account(), a_worker("w1"), a_worker("w2")
    epochs = []
    for worker in (one, one, two, None):
        account.worker = worker
        account.save()
        account.refresh_from_db()
        epochs.append(account.lease_epoch)
    assert epochs == [2, 2, 3, 4]


def test_a_stale_copy_of_the_account_raises_the_lease_above_the_stored_one() -> None:
    an_account()
    stale = Account.objects.get(pk="shop")
    for name in ("w1", "w2"):
        account = Account.objects.get(pk="shop")
        account.worker = a_worker(name)
        account.save()
    stale.worker = a_worker("w3")
    stale.save()
    stored = Account.objects.get(pk="shop")
    assert stored.worker is not None
    assert (stored.worker.name, stored.lease_epoch) == ("w3", 4)


def test_a_new_name_does_not_take_the_account_back_to_an_older_version() -> None:
    an_account()
    stale = Account.objects.get(pk="shop")
    Account.objects.filter(pk="shop").update(version=7, seq=40)
    stale.alias = "Roses"
    stale.save()
    stored = Account.objects.get(pk="shop")
    assert (stored.alias, stored.version, stored.seq) == ("Roses", 7, 40)


def test_saving_a_single_field_still_notices_another_worker() -> None:
    account = an_account()
    account.worker = a_worker()
    account.save(update_fields=["alias"])
    stored = Account.objects.get(pk="shop")
    assert stored.worker is not None
    assert (stored.worker.name, stored.lease_epoch) == ("w1", 2)


def test_a_deleted_worker_loses_its_leases() -> None:
    account = an_account(worker=a_worker())
    Worker.objects.all().delete()
    account.refresh_from_db()
    assert (account.worker, account.lease_epoch) == (None, 2)
