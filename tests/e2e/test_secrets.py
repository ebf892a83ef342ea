"""Secrets stay in: planted ones are used rightly and wrongly, then searched in all that the hub wrote and said."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.cast import Cast, Operator, a_frame, ask, make_cast
from tests.servers import Installation

pytestmark = pytest.mark.e2e

PLATFORM_COOKIE = "planted-platform-cookie-7f3a"
MISTYPED = "planted-mistyped-password-51c0"
OLD_TOKEN = "imh_planted-token-that-is-not-valid-9d2e4b7a1c5f"
PAGES = (
    *(
        "/",
        "/me",
        "/accounts",
        "/admin/",
        "/admin/auth/user/",
        "/admin/sync/account/",
        "/admin/sync/account/roses/change/",
    ),
    *("/admin/sync/worker/", "/admin/im_api/apitoken/", "/admin/axes/accessattempt/", "/api/v1/status", "/metrics"),
    *(
        "/api/im/accounts",
        "/api/im/accounts?format=api",
        "/api/im/accounts/roses",
        "/api/im/nothing",
        "/api/im/messages",
    ),
)


@pytest.fixture
def cast(place: Installation) -> Cast:
    cast = make_cast(place, Operator("ann", {"roses": "operate"}), Operator("boss", {}, is_staff=True))
    place.start_hub()
    return cast


def test_no_secret_is_written_or_said(cast: Cast) -> None:
    said: list[bytes] = []
    secrets = {"token": cast.tokens["ann"], "staff token": cast.tokens["boss"], "mistyped password": MISTYPED}
    secrets |= {"password": "password-of-boss", "worker token": cast.worker_token.partition(":")[2]}
    secrets |= {"invalid token": OLD_TOKEN, "platform cookie": PLATFORM_COOKIE}
    said += use_tokens(cast)
    said += guess_a_password(cast)
    said += use_the_worker_socket(cast)
    with cast.browser("boss") as browser:
        secrets |= {f"cookie {name}": value for name, value in browser.cookies.items()}
        said += [everything(browser.get(path)) for path in PAGES]
    assert set(secrets) >= {"cookie imhub_session", "cookie imhub_csrf"}
    assert secrets_in(b"\n".join(said), secrets) == []
    for file in files_of(cast.place):
        with suppress(FileNotFoundError):  # SQLite takes its own away when nobody uses the database
            assert secrets_in(file.read_bytes(), secrets) == [], file


def secrets_in(text: bytes, secrets: dict[str, str]) -> list[str]:
    """The names of those that stand there, as they are or as they are usually written down."""

    def forms(secret: str) -> list[str]:
        return [secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")]

    return [name for name, secret in secrets.items() if any(form.encode() in text for form in forms(secret))]


def files_of(place: Installation) -> Iterator[Path]:
    """The database with its journal, whatever else lies there, and the log; not the two keys, which open the rest."""
    found = [path for path in place.data_dir.rglob("*") if path.is_file()]
    assert {"imhub.sqlite3", "secret_key", "session_key"} <= {path.name for path in found}
    yield from (path for path in found if path.name not in ("secret_key", "session_key"))
    yield place.processes[0].log


def everything(response: httpx.Response) -> bytes:
    """Headers and body, without cookies and the form's token, which are given to the browser on purpose."""
    headers = b"\n".join(name + b": " + value for name, value in response.headers.raw if name.lower() != b"set-cookie")
    return headers + re.sub(rb'("csrfToken": |csrfmiddlewaretoken" value=)"\w+"', b"", response.content)


def use_tokens(cast: Cast) -> list[bytes]:
    said = []
    for token in (cast.tokens["ann"], cast.tokens["boss"], OLD_TOKEN):
        with httpx.Client(base_url=cast.url, headers={"Authorization": f"Token {token}"}) as client:
            asked = [(method, path) for method in ("GET", "PUT", "BREW") for path in PAGES]
            asked += [("GET", f"/api/im/accounts?token={token}"), ("GET", "/api/im/accounts?cursor=x")]
            said += [everything(client.request(method, path)) for method, path in asked]
            body = {"Content-Type": "application/json"}
            said.append(everything(client.put("/api/im/unified-messages/read-many", content=b"[", headers=body)))
    return said


def guess_a_password(cast: Cast) -> list[bytes]:
    said = []
    for path in ("/login/", "/admin/login/"):
        with httpx.Client(base_url=cast.url) as client:
            for _ in range(4):
                token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get(path).text)
                fields = {"username": "ann", "password": MISTYPED, "csrfmiddlewaretoken": token[1] if token else ""}
                said.append(everything(client.post(path, data=fields)))
    assert b"Too many wrong passwords" in said[-1]
    return said


def use_the_worker_socket(cast: Cast) -> list[bytes]:
    """The session of an account is stored, and given back to its worker only, when it registers."""
    said = []
    state = {"cookies": [{"name": "sid", "value": PLATFORM_COOKIE, "domain": "x", "path": "/"}], "origins": []}
    with cast.worker() as worker:
        assert ask(worker, "worker:account:session", {"account_id": "roses", "storage_state": state})["success"]
        for payload in ({"account_id": "tea", "storage_state": state}, {"account_id": 7, "storage_state": state}):
            worker.send(a_frame("worker:account:session", payload, "wrong"))
            said.append(str(worker.recv(20)).encode())
        worker.send(json.dumps({"type": "worker:account:session", "payload": PLATFORM_COOKIE}))
        said.append(str(worker.recv(20)).encode())
    for token in (cast.worker_token[:-1], OLD_TOKEN):
        headers = {"Authorization": f"Bearer {token}"}
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{cast.place.port}/ws/worker/", additional_headers=headers)
        said.append(bytes(refused.value.response.body or b""))
    return said
