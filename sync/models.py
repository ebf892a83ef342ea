"""The tables: accounts, workers, and the change log from which everything held in memory is loaded."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from sync.core.closing_words import DEFAULT_CLOSING_WORDS
from sync.protocol.ids import is_account_id, is_worker_id
from sync.protocol.platforms import DEFAULT_PLATFORM


def now_ms() -> int:
    """Return the time now, ms UTC, by the clock of the rows' other times."""
    return int(timezone.now().timestamp() * 1000)


def check_account_id(value: str) -> None:
    """Raise ValidationError unless `value` can be the id of an account."""
    if not is_account_id(value):
        raise ValidationError("Letters, digits, '_', '.' and '-', 64 at most, the first a letter or digit; not 'all'.")


def check_worker_name(value: str) -> None:
    """Raise ValidationError unless `value` can be the name of a worker."""
    if not is_worker_id(value):
        raise ValidationError("Letters, digits, '_', '.' and '-', 64 at most, the first a letter or digit.")


class Worker(models.Model):
    """A crawler process. It crawls the accounts that are assigned to it and no others."""

    name = models.CharField(max_length=64, unique=True, validators=[check_worker_name])
    label = models.CharField(max_length=60, blank=True, default="", help_text="What people call its computer.")
    token_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    token_rotated_at = models.DateTimeField(null=True, blank=True, editable=False)
    max_accounts = models.PositiveIntegerField(
        default=0, help_text="How many accounts it may crawl at once. 0: as many as it says itself."
    )
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    host_id = models.CharField(max_length=64, blank=True, default="", editable=False)
    """The machine where it was last, as it names it (`Register.host_id`)."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Write the row and what follows from it in one transaction."""
        with transaction.atomic():
            super().save(*args, **options)


class Account(models.Model):
    """A social account. `version` and `seq` belong to the Writer; what the platform says is in the change log."""

    class Status(models.TextChoices):
        """The owner's switch. Only an active account is crawled."""

        ACTIVE = "active", "active"
        INACTIVE = "inactive", "paused"
        PENDING = "pending", "pending"
        BANNED = "banned", "banned"

    id = models.CharField(
        "account id",
        primary_key=True,
        max_length=64,
        validators=[check_account_id],
        help_text="Cannot be changed later.",
    )
    platform = models.CharField(max_length=32, default=DEFAULT_PLATFORM)
    name = models.CharField(max_length=120)
    platform_user_id = models.CharField(
        max_length=120, blank=True, help_text="The account's own number on the platform. Another login is refused."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    worker = models.ForeignKey(Worker, null=True, blank=True, on_delete=models.SET_NULL, related_name="accounts")
    lease_epoch = models.PositiveIntegerField(default=1, editable=False)
    moved_at = models.BigIntegerField(default=0, editable=False)
    """When a worker lost it last, ms UTC; 0 for never."""
    alias = models.CharField(max_length=60, blank=True, help_text="What operators call it.")
    group = models.CharField(max_length=60, blank=True)
    color = models.CharField(max_length=16, blank=True, help_text="For example #3F4FD0.")
    config = models.JSONField(default=dict, blank=True, help_text="Pace and addresses for the worker. Empty: defaults.")
    version = models.PositiveBigIntegerField(default=0, editable=False)
    seq = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.alias or self.name} ({self.pk})"

    def save(self, *args: Any, **options: Any) -> None:
        """Write what belongs to the owner, and raise `lease_epoch` when the worker is another one.

        Never writes `version` and `seq`: the Writer may have moved the account on since this row was read.
        """
        with transaction.atomic():
            if self._state.adding:
                options["force_insert"] = True
            else:
                names = set(options.get("update_fields") or OWNERS_FIELDS) | {"updated_at"}
                options["update_fields"] = names | self._renewed_lease()
            super().save(*args, **options)

    def _renewed_lease(self) -> set[str]:
        mine = Account.objects.select_for_update(no_key=True).filter(pk=self.pk)
        stored = mine.values("worker_id", "lease_epoch").first()
        if stored is None:
            return set()
        moved = stored["worker_id"] != self.worker_id
        self.lease_epoch = stored["lease_epoch"] + moved
        if not moved:
            return set()
        if stored["worker_id"] is None:
            return {"worker", "lease_epoch"}
        self.moved_at = now_ms()
        return {"worker", "lease_epoch", "moved_at"}


OWNERS_FIELDS = (
    "platform",
    "name",
    "platform_user_id",
    "status",
    "worker",
    "alias",
    "group",
    "color",
    "config",
)


class Sealed(models.Model):
    """A row with a secret, encrypted with a key that is not in the database (`sync.sealing`)."""

    sealed = models.BinaryField()

    class Meta:
        abstract = True

    @property
    def seal_name(self) -> str:
        """Return what people are told whose secret it was, if no key opens it."""
        return str(self.pk)


class AccountSession(Sealed):
    """The owner's logged-in browser session."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="session")
    updated_at = models.DateTimeField(auto_now=True)


class Change(models.Model):
    """One row for each change that changed something. `at`: ms UTC; `body`: a `Delta` (sync.core.change.delta).

    `origin`: the means and the address of a person; `action`: what a person did, empty for what workers report.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveBigIntegerField()
    seq_from = models.PositiveBigIntegerField()
    seq_to = models.PositiveBigIntegerField()
    at = models.BigIntegerField()
    actor = models.CharField(max_length=200)
    origin = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=32, blank=True)
    body = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "version"), name="one_change_per_version"),)
        # People do little beside what workers report: only their changes are in these.
        indexes = (
            models.Index(fields=("at",), condition=~models.Q(action=""), name="changes_by_people"),
            models.Index(fields=("account", "at"), condition=~models.Q(action=""), name="changes_of_account"),
            models.Index(fields=("actor", "at"), condition=~models.Q(action=""), name="changes_by_person"),
        )


class StoredMark(models.Model):
    """The operators' mark on one item, as it stands. `item_id` is empty for a mark on every item of the kind.

    It is written in the transaction of the change. These rows are for people and queries; a start reads only the log.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    item_id = models.CharField(max_length=255, blank=True)
    body = models.JSONField(help_text="What operators said of the item or person, as the core keeps it.")

    class Meta:
        # The table and the words for people are older than the name of the class.
        db_table = "sync_mark"
        verbose_name = "mark"
        constraints = (models.UniqueConstraint(fields=("account", "kind", "item_id"), name="one_mark_per_item"),)


class Checkpoint(models.Model):
    """The whole account at one version, so that a start need not replay everything."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveBigIntegerField()
    seq = models.PositiveBigIntegerField()
    at = models.BigIntegerField()
    body = models.BinaryField()


class AccountHead(models.Model):
    """The part of an account that stays in memory while its body is out, so that a start need not read the bodies.

    It is a copy: without it, or where it is of another version than the account, the checkpoint and the log are read.
    """

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveBigIntegerField()
    seq = models.PositiveBigIntegerField()
    body = models.BinaryField()


class Observation(models.Model):
    """A stretch of time in which a surface was observed repeatedly with the same outcome. Times are ms UTC."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    surface = models.CharField(max_length=32)
    entry = models.CharField(max_length=255)
    canary = models.CharField(max_length=32)
    complete = models.BooleanField()
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    looks = models.PositiveIntegerField(default=1)
    items = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=("account", "surface", "end"), name="observation_latest"),)


class Generation(models.Model):
    """Counts the changes of what the directories hold. One row."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    value = models.PositiveBigIntegerField(default=0)


def usual_closing_words() -> list[str]:
    """Return the closing words that count unless the owner has others."""
    return list(DEFAULT_CLOSING_WORDS)


class HubSettings(models.Model):
    """The owner's settings for all accounts. One row, or none: then the usual ones count."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    closing_words = models.JSONField(default=usual_closing_words)

    class Meta:
        verbose_name = verbose_name_plural = "hub settings"

    def __str__(self) -> str:
        return str(self._meta.verbose_name_plural)

    def save(self, *args: Any, **options: Any) -> None:
        """Write the row and what follows from it in one transaction."""
        with transaction.atomic():
            super().save(*args, **options)


class LogState(models.Model):
    """The identity of this change log, and how many changes were ever committed to it. One row.

    `log_id` is random: a database that was emptied has another one. `home`: the data directory that served it last
    (`sync.storage.home`); empty if no hub with such a file ever did.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    log_id = models.CharField(max_length=32)
    committed = models.PositiveBigIntegerField(default=0)
    home = models.CharField(max_length=100, default="", blank=True)


class HubInstance(models.Model):
    """A running hub. `seen_at` is rewritten every few seconds, ms UTC."""

    id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=255)
    started_at = models.BigIntegerField()
    seen_at = models.BigIntegerField()


class HubChores(models.Model):
    """Names the hub that does what one alone must do, of those that share this database (`sync.storage.locks`).

    One row. `until`: ms UTC, by the database's clock.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.CharField(max_length=64)
    until = models.BigIntegerField()


class HubFact(models.Model):
    """Something that one hub tells the others of its database for a short while, sealed (`sync.hubs.fact_board`).

    `hub`: who said it. `at`: ms UTC.
    """

    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=200)
    hub = models.CharField(max_length=64)
    at = models.BigIntegerField()
    sealed = models.BinaryField()

    class Meta:
        indexes = (models.Index(fields=("kind", "key"), name="hub_fact_by_key"),)
