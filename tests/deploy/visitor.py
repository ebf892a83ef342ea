"""Somebody who comes to a hub over HTTPS: `python -m tests.deploy.visitor visit|pair URL USER PASSWORD AUTHORITY`.

`visit` looks at all that depends on HTTPS and says as JSON what became of it. `pair` adds a computer and says its code.
`AUTHORITY` is the file of who signed the hub's certificate. It runs on the trial's machine.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext, Error, sync_playwright
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from crawler.browsers.chromium import find_chromium, launch_arguments


def main(what: str, url: str, user: str, password: str, authority: str) -> None:
    said = {"visit": visit, "pair": pair}[what](url, user, password, authority)
    sys.stdout.write(json.dumps(said))


def pair(url: str, user: str, password: str, authority: str) -> str:
    """Add a computer on the accounts page. Return the code of the command that it shows."""
    with httpx.Client(base_url=url, verify=ssl.create_default_context(cafile=authority), timeout=30) as client:
        sign_in(client, user, password)
        shown = client.get(send_form(client, "/accounts/computers/add", {"label": "hub"}).headers["Location"])
    commands = set(re.findall(r"--pair (\w{6}) --hub (\S+?)[<\s]", shown.text))
    assert {address for _, address in commands} == {url}, shown.text
    return str(commands.pop()[0])


def visit(url: str, user: str, password: str, authority: str) -> dict[str, Any]:
    trusted = ssl.create_default_context(cafile=authority)
    with httpx.Client(base_url=url, verify=trusted, timeout=30) as client:
        found = sign_in(client, user, password) | read(client)
        cookie = f"imhub_session={client.cookies['imhub_session']}"
    found |= {
        "push": listen(url, cookie, url, trusted),
        "push of another page": listen(url, cookie, "https://evil.example", trusted),
        "a browser that trusts": browse(url, user, password, authority),
        "a browser that does not": browse(url, user, password, None),
    }
    return found


def sign_in(client: httpx.Client, user: str, password: str) -> dict[str, Any]:
    """Sign in by the form, as a browser does, from our page and from another one."""
    given = {"username": user, "password": password}
    elsewhere = send_form(client, "/login/", given, origin="https://evil.example")
    done = send_form(client, "/login/", given)
    cookies = [value.lower() for value in done.headers.get_list("set-cookie")]
    return {
        "login": done.status_code,
        "login of another page": elsewhere.status_code,
        "cookies": len(cookies),
        "all cookies secure": all("; secure" in cookie for cookie in cookies),
    }


def send_form(client: httpx.Client, path: str, fields: dict[str, str], origin: str = "") -> httpx.Response:
    form = client.get(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token, form.text
    given = {**fields, "csrfmiddlewaretoken": token[1]}
    return client.post(path, data=given, headers={"Origin": origin or str(client.base_url).rstrip("/")})


def read(client: httpx.Client) -> dict[str, Any]:
    accounts = client.get("/api/im/accounts", headers={"Accept": "application/json"})
    return {"accounts": accounts.status_code, "home": client.get("/").status_code}


def listen(url: str, cookie: str, origin: str, trusted: ssl.SSLContext) -> int | str:
    """Open the push socket. Return the first frame's type, or the status of the refusal."""
    address = f"wss://{urlsplit(url).netloc}/ws/im/"
    try:
        with connect(address, ssl=trusted, origin=Origin(origin), additional_headers={"Cookie": cookie}) as socket:
            socket.send(json.dumps({"type": "subscribe", "accounts": "all"}))
            return str(json.loads(socket.recv(20))["type"])
    except InvalidStatus as refused:
        return refused.response.status_code


def browse(url: str, user: str, password: str, authority: str | None) -> dict[str, Any]:
    """Open the inbox in Chromium. `authority`: who is trusted, in the list that Chromium reads."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        if authority is not None:
            trust(Path(home), authority)
        context = playwright.chromium.launch_persistent_context(
            str(Path(home) / "profile"),
            executable_path=find_chromium(playwright, os.environ.get("IMHUB_CHROMIUM") or None),
            args=launch_arguments(),
            env={**os.environ, "HOME": home},
        )
        try:
            return look(context, url, user, password)
        except Error as error:
            return {"error": (re.findall(r"net::(\w+)", error.message) or [error.message])[0]}
        finally:
            context.close()


def trust(home: Path, authority: str) -> None:
    place = home / ".pki" / "nssdb"
    place.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "IM Hub", "-i", authority]):
        subprocess.run(["/usr/bin/certutil", "-d", f"sql:{place}", *words], check=True, stdout=subprocess.DEVNULL)


def look(context: BrowserContext, url: str, user: str, password: str) -> dict[str, Any]:
    """Sign in, and do what only a page that the browser trusts may do, as notices need it.

    The permission itself says nothing here: without a window Chromium denies it whatever the page is.
    """
    page = context.new_page()
    page.goto(url)
    page.fill("#id_username", user)
    page.fill("#id_password", password)
    with page.expect_websocket(timeout=60_000) as opened:
        page.press("#id_password", "Enter")
    with opened.value.expect_event("framereceived", timeout=60_000):
        pass
    page.goto(f"{url}/me")
    return {
        "status": HTTPStatus.OK if page.locator("main").count() else None,
        "secure": page.evaluate("isSecureContext"),
        "service worker": page.evaluate(
            "navigator.serviceWorker.register('/service-worker.js').then(() => navigator.serviceWorker.ready)"
            ".then((ready) => ready.active !== null)"
        ),
        "push": page.evaluate("'PushManager' in window"),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
