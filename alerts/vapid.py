"""The key that tells push services who sends (VAPID), made once and kept in the data directory for this user only."""

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
from filelock import FileLock

from sync.storage.private_file import write_private


def load_key() -> ec.EllipticCurvePrivateKey:
    """Return the key, which is made if there is none. Another key would end every subscription."""
    file = Path(settings.DATA_DIR) / "vapid_key"
    with FileLock(f"{file}.lock", timeout=10, mode=0o600):
        if not file.exists():
            made = ec.generate_private_key(ec.SECP256R1())
            write_private(file, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def public_key() -> str:
    """Return the public half as browsers want it: the point, in URL-safe base64 without padding."""
    point = load_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()
