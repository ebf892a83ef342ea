"""A browser maker's push service on this machine, as strict as RFC 8030 (delivery), 8188 and 8291 (encryption) and 8292
(who sends) let it be, and the phones that subscribed to it."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.alerts.stand_in import serving

MOST_BODY: Final = 4096
"""RFC 8030, 7.2: so much each service takes."""
_DAY_S: Final = 24 * 3600
_SENDER: Final = re.compile(r"vapid t=(([\w-]+)\.([\w-]+))\.([\w-]+), ?k=([\w-]+)")


def to_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Phone:
    """A browser with its subscription, and the notices that its maker delivered."""

    def __init__(self, endpoint: str, sender: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self.sender = sender
        """The public key for which it subscribed."""
        self.arrived: list[tuple[bytes, Mapping[str, str]]] = []
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.subscription = {"endpoint": endpoint, "p256dh": to_base64(point), "auth": to_base64(self._auth)}

    @property
    def notices(self) -> list[dict[str, str]]:
        """What it shows: title, body, path."""
        return [json.loads(self._decrypt(body)) for body, _ in self.arrived]

    def _decrypt(self, body: bytes) -> bytes:
        clear: bytes = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return clear


class PushService(ThreadingHTTPServer):
    """`answers`: of the next requests, whatever they are. `retry_after`: the header beside an answer that is no 201."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.phones: dict[str, Phone] = {}
        self.answers: list[int] = []
        self.retry_after = ""
        self.asked: list[int] = []
        """The status of each answer so far."""

    def subscribe(self, sender: str) -> Phone:
        """Return a phone that wants notices of whoever has this public key."""
        path = f"/wpush/v2/{len(self.phones)}-canary7f3a"
        self.phones[path] = Phone(self.origin + path, sender)
        return self.phones[path]

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Deliver one request, and return the status of its answer."""
        phone = self.phones.get(path)
        status = self.answers.pop(0) if self.answers else self._judge(phone, headers, body)
        if status == 201 and phone is not None:
            phone.arrived.append((body, headers))
        self.asked.append(status)
        return status

    def _judge(self, phone: Phone | None, headers: Mapping[str, str], body: bytes) -> int:
        if phone is None:
            return 404
        if not headers.get("ttl", "").isdigit():
            return 400
        if headers.get("content-encoding") != "aes128gcm":
            return 415
        if len(body) > MOST_BODY:
            return 413
        return 201 if self._knows(headers.get("authorization", ""), phone.sender) else 403

    def _knows(self, authorization: str, sender: str) -> bool:
        """Whether the request is signed by the sender, for this service, for a day at most."""
        found = _SENDER.fullmatch(authorization)
        if found is None or found[5] != sender:
            return False
        signed, claims, signature = found[1], json.loads(from_base64(found[3])), from_base64(found[4])
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(sender))
        pair = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        try:
            key.verify(pair, signed.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        is_mine = claims["aud"] == self.origin and str(claims["sub"]).startswith(("mailto:", "https:"))
        return bool(is_mine and 0 < claims["exp"] - time.time() <= _DAY_S)


class _Handler(BaseHTTPRequestHandler):
    server: PushService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.take(self.path, headers, body)
        self.send_response(status)
        if status == 201:
            self.send_header("Location", f"{self.server.origin}/m/{len(self.server.asked)}")
        elif self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def serving_pushes() -> AbstractContextManager[PushService]:
    return serving(PushService())
