"""Raises the directory's generation whenever an account, a worker or a setting is written, in the same transaction."""

from typing import Any
from uuid import uuid4

from django.apps import apps as all_apps
from django.apps.registry import Apps
from django.db.models import F
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete

from sync.directory import raise_generation
from sync.models import Account, HubSettings, LogState, Worker, now_ms


def connect() -> None:
    """Connect the receivers of this module."""
    for model in (Account, HubSettings, Worker):
        post_save.connect(_changed, sender=model, dispatch_uid="sync.generation")
        post_delete.connect(_changed, sender=model, dispatch_uid="sync.generation")
    pre_delete.connect(_end_leases, sender=Worker, dispatch_uid="sync.leases")
    pre_delete.connect(_hold, sender=Account, dispatch_uid="sync.hold")
    post_migrate.connect(_name_log, sender=all_apps.get_app_config("sync"), dispatch_uid="sync.log_name")


def _changed(**_: Any) -> None:
    raise_generation()


def _end_leases(instance: Worker, **_: Any) -> None:
    """End the leases of a worker that is deleted: what it still sends must be refused."""
    Account.objects.filter(worker=instance).update(lease_epoch=F("lease_epoch") + 1, moved_at=now_ms())


def _hold(instance: Account, **_: Any) -> None:
    """Lock the account's row. Else the Writer would add rows between the deletion of the account's rows and its own."""
    Account.objects.select_for_update().filter(pk=instance.pk).first()


def _name_log(using: str, apps: Apps = all_apps, **_: Any) -> None:
    """Give the change log an identity. Runs after `flush` too, for an emptied database is another one."""
    try:
        states = apps.get_model("sync", "LogState")._default_manager
    except LookupError:  # migrated back to where there was none
        return
    states.using(using).get_or_create(pk=LogState.ONLY, defaults={"log_id": uuid4().hex})
