"""Our own webhook: signed, with a delivery id that stays the same at every try."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

import requests

from alerts.sending.failed import SendFailed, read_wait

TIMEOUT_S: Final = (4, 8)
"""To connect, and for the answer to begin. Its body is not read."""
USER_AGENT: Final = "IM-Hub-Webhook"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a delivery: HMAC-SHA256 over the timestamp (s UTC), a dot and the body, as hex."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def is_web_address(address: str) -> bool:
    """Return whether it is an http or https address with a host, and without a name and password in it."""
    try:
        parts = urlsplit(address.strip())
        is_clean = "@" not in parts.netloc and "\0" not in address
        return parts.scheme in ("http", "https") and bool(parts.hostname) and is_clean
    except ValueError:
        return False


def show_address(address: str) -> str:
    """Return what may be shown of a web address: scheme and host. The path may be a key."""
    parts = urlsplit(address.strip())
    return f"{parts.scheme}://{parts.netloc}"


def send_to_program(address: str, secret: str, name: str, event: str, body: str, now: int) -> None:
    """Deliver `body` under the id `name`. `now`: ms UTC. Raises SendFailed."""
    content, timestamp = body.encode(), now // 1000
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-IMHub-Event": event,
        "X-IMHub-Delivery": name,
        "X-IMHub-Timestamp": str(timestamp),
        "X-IMHub-Signature": sign(secret, timestamp, content),
    }
    ask("POST", address, headers, content)


def send_sign_of_life(address: str) -> None:
    """Let a watch know that the hub is well. Raises SendFailed."""
    ask("GET", address, {"User-Agent": USER_AGENT})


def ask(method: str, address: str, headers: dict[str, str], content: bytes | None = None) -> None:
    """Send one request and look at the status of its answer. No redirect is followed. Raises SendFailed."""
    try:
        with requests.request(
            method, address, data=content, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
        ) as answer:
            status, wait_s = answer.status_code, read_wait(answer.headers)
    except requests.Timeout:
        raise SendFailed("timeout") from None
    except (requests.RequestException, ValueError):  # what they say names the address
        raise SendFailed("unreachable") from None
    if not 200 <= status < 300:
        raise SendFailed("status", str(status), wait_s=wait_s)
