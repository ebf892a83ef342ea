"""The devices on which people want alerts: a subscription of a browser, with the grants of its user."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from msgspec import Struct

from alerts.models import Destination
from alerts.sending import device
from alerts.vapid import public_key
from sync.sealing import seal

__all__ = ["BadSubscription", "Subscription", "has_device", "public_key", "subscribe", "unsubscribe"]

MOST_DEVICES: Final = 10
"""Of one person. The oldest goes."""
MOST_LABEL: Final = 60


class BadSubscription(Exception):
    """Raised for what no browser says. The message is for developers."""


class Subscription(Struct, frozen=True):
    """A browser's subscription, as the browser names it."""

    endpoint: str
    p256dh: str
    auth: str


@transaction.atomic
def subscribe(user_id: int, subscription: Subscription, label: str, language: str, now: int) -> None:
    """Send this browser alerts of its user's accounts from now on, and of nobody else's. Raises BadSubscription."""
    _check(subscription)
    digest = _digest(subscription.endpoint)
    Destination.objects.filter(kind=Destination.Kind.DEVICE, digest=digest).delete()
    mine = Destination.objects.filter(kind=Destination.Kind.DEVICE, user_id=user_id).order_by("-pk")
    for old in list(mine[MOST_DEVICES - 1 :]):
        old.delete()
    Destination.objects.create(
        kind=Destination.Kind.DEVICE,
        label=label[:MOST_LABEL] or "device",
        user_id=user_id,
        language=language,
        digest=digest,
        created_at=now,
        sealed=seal({"endpoint": subscription.endpoint, "p256dh": subscription.p256dh, "auth": subscription.auth}),
    )


def unsubscribe(user_id: int, endpoint: str) -> None:
    """Tell this browser nothing any more."""
    devices = Destination.objects.filter(kind=Destination.Kind.DEVICE, user_id=user_id, digest=_digest(endpoint))
    for one in devices:
        one.delete()


def has_device(user_id: int, endpoint: str) -> bool:
    """Return whether this browser hears of the accounts of this user."""
    return Destination.objects.filter(kind=Destination.Kind.DEVICE, user_id=user_id, digest=_digest(endpoint)).exists()


def _digest(endpoint: str) -> str:
    return sha256(endpoint.encode()).hexdigest()


def _check(subscription: Subscription) -> None:
    if len(subscription.endpoint) > 2_000 or not device.is_push_service(subscription.endpoint):
        raise BadSubscription("endpoint: no push service that is known here")
    try:
        point = urlsafe_b64decode(subscription.p256dh + "=" * (-len(subscription.p256dh) % 4))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if len(urlsafe_b64decode(subscription.auth + "=" * (-len(subscription.auth) % 4))) != 16:
            raise ValueError
    except ValueError:
        raise BadSubscription("p256dh, auth: no keys of a browser") from None
