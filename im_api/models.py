"""The rows of API tokens, grants and saved replies."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction

from sync.directory import hash_token as hash_token
from sync.directory import raise_generation

MAX_NAME_LENGTH = 64
TOKEN_PREFIX = "imh_"  # noqa: S105 (not a secret: tells people and scanners what the text is)


class DirectoryModel(models.Model):
    """A row that the access directory holds. Deletions are told by `im_api.signals`, which sees cascades too."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            raise_generation()


class ApiToken(DirectoryModel):
    """A named key of a user. The key itself is shown once and never stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("user", "name")
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="one_token_per_name"),)

    def __str__(self) -> str:
        return f"{self.user} / {self.name}"

    @classmethod
    def issue(cls, user: Any, name: str, expires_at: datetime | None = None) -> tuple["ApiToken", str]:
        """A new key in place of the user's former one of that name: (row, key)."""
        key = TOKEN_PREFIX + secrets.token_urlsafe(32)
        with transaction.atomic():
            cls.objects.filter(user=user, name=name).delete()
            token = cls(user=user, name=name, token_hash=hash_token(key), expires_at=expires_at)
            token.save()
        return token, key


class SavedReply(DirectoryModel):
    """Words that a user sends often. Shared ones are for everybody. `account`: where they are meant for one alone."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_replies")
    title = models.CharField(max_length=80)
    text = models.TextField()
    shared = models.BooleanField(default=False)
    account = models.ForeignKey(
        "sync.Account", on_delete=models.CASCADE, related_name="saved_replies", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at", "pk")
        verbose_name_plural = "saved replies"

    def __str__(self) -> str:
        return f"{self.owner} / {self.title}"


class Grant(DirectoryModel):
    """That a user sees an account, and whether he may also act in its name. Staff needs none."""

    class Level(models.TextChoices):
        READ = "read", "may read"
        OPERATE = "operate", "may read and answer"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    account = models.ForeignKey("sync.Account", on_delete=models.CASCADE, related_name="grants")
    level = models.CharField(max_length=16, choices=Level, default=Level.OPERATE)

    class Meta:
        ordering = ("user", "account")
        constraints = (models.UniqueConstraint(fields=("user", "account"), name="one_grant_per_account"),)

    def __str__(self) -> str:
        return f"{self.user} / {self.account_id}: {self.level}"
