"""Tells the directories of changes that no `save` of ours sees: users, logouts, cascading deletions."""

from typing import Any

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from im_api.models import ApiToken, Grant, SavedReply
from sync.directory import raise_generation


def connect() -> None:
    post_save.connect(_user_saved, sender=get_user_model(), dispatch_uid="im_api.user_saved")
    for model in (get_user_model(), ApiToken, Grant, SavedReply):
        post_delete.connect(_row_deleted, sender=model, dispatch_uid=f"im_api.deleted.{model.__name__}")
    post_delete.connect(_session_deleted, sender=Session, dispatch_uid="im_api.session_deleted")


def _user_saved(sender: Any, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    if update_fields is None or set(update_fields) != {"last_login"}:
        raise_generation()


def _row_deleted(sender: Any, **kwargs: Any) -> None:
    raise_generation()


def _session_deleted(sender: Any, instance: Session, **kwargs: Any) -> None:
    """A logout. Expired sessions are in no directory, and `clearsessions` deletes thousands of them; a login deletes
    the session of nobody that was there before it."""
    if instance.expire_date > timezone.now() and SESSION_KEY in instance.get_decoded():
        raise_generation()
