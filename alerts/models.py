"""The tables of what leaves the hub. Times are ms UTC."""

from django.conf import settings
from django.db import models

from sync.models import Account, Sealed


class AlertChoices(models.Model):
    """The owner's choices. One row, or none: then the usual ones count. `body`: alerts.core.choices.Choices."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    body = models.JSONField(default=dict)


class AlertsTold(models.Model):
    """The record of what was told: one row, written in the transaction of its messages. `body`: core's Told."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    body = models.JSONField(default=dict)


class Destination(Sealed):
    """An address that something is sent to. The address itself is sealed, as JSON: it is a key to somebody's phone.

    `shown`: what may be read of it. `events`: the kinds that a program wants; empty for all. `failures`:
    tries that failed since the last success; `retry_at`: not before that.
    """

    class Kind(models.TextChoices):
        """The receiver: people in their messenger, a program, a device's browser, a watch for our sign of life."""

        PEOPLE = "people", "alert"
        PROGRAM = "program", "webhook"
        DEVICE = "device", "device"
        WATCH = "watch", "sign of life"

    kind = models.CharField(max_length=16, choices=Kind, editable=False)
    label = models.CharField(max_length=60)
    shown = models.CharField(max_length=120, blank=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.CASCADE, related_name="+"
    )
    language = models.CharField(max_length=16, blank=True, editable=False)
    events = models.JSONField(default=list, blank=True, editable=False)
    is_enabled = models.BooleanField(default=True)
    created_at = models.BigIntegerField(editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    retry_at = models.BigIntegerField(default=0, editable=False)
    delivered_at = models.BigIntegerField(null=True, blank=True, editable=False)
    failed_at = models.BigIntegerField(null=True, blank=True, editable=False)
    error = models.CharField(max_length=200, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.label} ({self.shown})" if self.shown else self.label

    @property
    def seal_name(self) -> str:
        """Return what people are told whose address it was, if no key opens it."""
        return self.label


class PushKey(Sealed):
    """The key by which push services know this installation, as PEM. One row, for all hubs of the database."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)

    @property
    def seal_name(self) -> str:
        """Return what people are told whose secret it was, if no key opens it."""
        return "the key of push services"


class Delivery(models.Model):
    """One message to one destination. `name`: the delivery id, the same at every try. `event`: the kind of event, or
    alert, or test. `body`: as it is sent."""

    class State(models.TextChoices):
        """The state of a delivery."""

        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        FAILED = "failed", "failed"

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="deliveries")
    name = models.CharField(max_length=32, unique=True)
    event = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.BigIntegerField()
    done_at = models.BigIntegerField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "deliveries"
        indexes = (models.Index(fields=("destination", "state", "id"), name="deliveries_of_one"),)

    def __str__(self) -> str:
        return self.name


class Followed(models.Model):
    """The place up to which a program got the events of an account: `seq` of this epoch."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="followed")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    epoch = models.CharField(max_length=64)
    seq = models.PositiveBigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("destination", "account"), name="one_place_per_account"),)
