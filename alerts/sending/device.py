"""Notices for a browser that asked for them (Web Push): encrypted for it, signed by our key."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from alerts.sending.failed import SendFailed, read_wait

TIMEOUT_S: Final = 8
KEPT_S: Final = 12 * 3600
"""So long the push service keeps a notice for a phone that is off."""
GONE: Final = (404, 410)
SERVICES: Final = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""The push services of browsers. A device names its own address, and the hub calls no other one for it."""


def is_push_service(endpoint: str) -> bool:
    """Return whether the address is one of a push service."""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return False
    host = parts.hostname or ""
    is_known = any(host == service or host.endswith(f".{service}") for service in SERVICES)
    return parts.scheme == "https" and is_known and "@" not in parts.netloc


def send_to_device(subscription: dict[str, str], body: str, key: ec.EllipticCurvePrivateKey) -> None:
    """Send one notice. `subscription`: endpoint, p256dh, auth. Raises SendFailed; `gone` if the browser ended it."""
    from py_vapid import Vapid02  # with pywebpush, a quarter of a second, and only where somebody has such a device
    from pywebpush import WebPushException, webpush

    keys = {"p256dh": subscription["p256dh"], "auth": subscription["auth"]}
    try:
        with requests.Session() as session:
            session.max_redirects = 0
            webpush(
                {"endpoint": subscription["endpoint"], "keys": keys},
                body,
                vapid_private_key=Vapid02(key),
                vapid_claims={"sub": _contact()},
                ttl=KEPT_S,
                timeout=TIMEOUT_S,
                headers={"Urgency": "high"},
                requests_session=session,
            )
    except WebPushException as error:
        if error.response is None:
            raise SendFailed("refused", type(error).__name__) from None
        status, wait_s = error.response.status_code, read_wait(error.response.headers)
        raise SendFailed("gone" if status in GONE else "status", str(status), wait_s=wait_s) from None
    except requests.Timeout:
        raise SendFailed("timeout") from None
    except (requests.RequestException, ValueError):  # what they say names the address
        raise SendFailed("unreachable") from None


def _contact() -> str:
    """Return where a push service may complain. Only a host with a dot and without a port counts as an address."""
    parts = urlsplit(settings.PUBLIC_URL)
    is_address = parts.scheme == "https" and "." in (parts.hostname or "")
    return f"https://{parts.hostname}" if is_address else "mailto:owner@example.com"
