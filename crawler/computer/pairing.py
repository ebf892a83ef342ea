"""Gets this computer's token for a pairing code, and keeps it in a file that its user alone can read."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from sync.protocol.confidential import is_loopback

FILE: Final = "worker.json"
PAIRING_FOLDER: Final = "worker"
"""Below the data directory."""
_TIMEOUT_S: Final = 20
_MAX_ANSWER: Final = 100_000


class NotPaired(Exception):
    """Raised when the hub gave no token. The message says in words what to do."""


class Pairing(Struct, frozen=True, kw_only=True):
    """`hub`: the websocket address of the hub; `token`: this worker's. `insecure`: `hub` is not encrypted, and the
    owner's network is trusted."""

    hub: str
    token: str
    insecure: bool = False

    @property
    def worker(self) -> str:
        """Return the name of the worker, which its token tells."""
        return self.token.partition(":")[0]


class _Paired(Struct, frozen=True):
    token: str


class _Answer(Struct, frozen=True):
    data: _Paired | None = None
    status_msg: str = ""


def websocket_address(url: str) -> str:
    """Return the address of the hub's worker socket, of the address that browsers use. Raises NotPaired."""
    wrong = NotPaired(f"{url} is no address of a hub: it looks like https://hub.example or http://192.168.1.20:8000")
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
        is_address = scheme is not None and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that is none
        raise wrong from None
    if not is_address:
        raise wrong
    return f"{scheme}://{parts.netloc}/ws/worker/"


def redeem(url: str, code: str) -> Pairing:
    """Ask the hub at `url` for this computer's token. The code is used up by it. Raises NotPaired."""
    socket = websocket_address(url)
    address = f"{socket.replace('ws', 'http', 1).removesuffix('/ws/worker/')}/api/im/pair"
    request = urllib.request.Request(  # noqa: S310  # http or https
        address,
        data=json.dumps({"code": code}).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
            content = response.read(_MAX_ANSWER)
    except urllib.error.HTTPError as error:
        raise NotPaired(_why(error)) from None
    except (OSError, ValueError, HTTPException) as error:
        raise NotPaired(f"The hub at {url} cannot be reached: {getattr(error, 'reason', error)}.") from None
    try:
        answer = msgspec.json.decode(content, type=_Answer)
    except msgspec.MsgspecError:
        raise NotPaired(f"At {url} something answers that is no hub.") from None
    if answer.data is None or ":" not in answer.data.token:
        raise NotPaired(f"The hub at {url} gave no token.")
    return Pairing(hub=socket, token=answer.data.token, insecure=_is_readable(socket))


def _is_readable(socket: str) -> bool:
    """Return whether others can read what goes there: it is not encrypted, and leaves this machine."""
    parts = urlsplit(socket)
    return parts.scheme == "ws" and parts.hostname != "localhost" and not is_loopback(parts.hostname or "")


def _why(error: urllib.error.HTTPError) -> str:
    try:
        said = msgspec.json.decode(error.read(_MAX_ANSWER), type=_Answer).status_msg
    except (msgspec.MsgspecError, OSError):
        said = ""
    if error.code == 404 and said:
        return f"{said}. Make a new one on the accounts page of the hub."
    return f"The hub refused ({error.code}){': ' + said if said else ''}."


def save_pairing(folder: Path, pairing: Pairing) -> Path:
    """Write the file that this user alone can read, and return its path. On Windows the user's own folder keeps it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.encode(pairing))
    return path


def load_pairing(folder: Path) -> Pairing | None:
    """Return what this computer was paired with; None before it was, or if the file is damaged."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Pairing)
    except (OSError, msgspec.MsgspecError):
        return None


def forget_pairing(folder: Path) -> None:
    """Remove the file."""
    (folder / FILE).unlink(missing_ok=True)
