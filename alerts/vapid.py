"""The key that tells push services who sends (VAPID), made once and kept sealed in the database, for all its hubs.

Versions before this table kept it in the file `vapid_key` of the data directory, from where it is taken.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from alerts.models import PushKey
from sync.sealing import SealBroken, seal, unseal


def load_key() -> ec.EllipticCurvePrivateKey:
    """Return the key, which is made if there is none. Another key would end every subscription.

    Call it from a thread with database access.
    """
    row = PushKey.objects.filter(pk=PushKey.ONLY).first()
    if row is None:
        # Of two hubs that make one at once both take the one that was stored.
        row, _ = PushKey.objects.get_or_create(pk=PushKey.ONLY, defaults={"sealed": seal(_find_or_make())})
    try:
        pem = unseal(row.sealed)
    except SealBroken:  # then the addresses of all devices are lost as well: they subscribe anew
        pem = _find_or_make()
        PushKey.objects.update_or_create(pk=PushKey.ONLY, defaults={"sealed": seal(pem)})
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _find_or_make() -> str:
    file = Path(settings.DATA_DIR) / "vapid_key"
    if file.exists():
        return file.read_text(encoding="ascii")
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key() -> str:
    """Return the public half as browsers want it: the point, in URL-safe base64 without padding."""
    point = load_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()
