"""A login from the inbox, for real: a code of the demo platform in the dialog, the second step, the first row."""

import json
import re
import sqlite3
from urllib.request import Request, urlopen

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, expect

from tests.e2e.cast import Operator, make_cast
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.browser]
NAME = "alpha"


def switch(place: Installation, **values: bool) -> None:
    body = json.dumps({"account": NAME, **values}).encode()
    url = f"http://127.0.0.1:{place.demo_port}/control/switches"
    with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=10) as answer:
        assert answer.status == 200


def stored_cookies(place: Installation) -> list[str]:
    """The values of the platform's cookies that the hub holds for the account."""
    key = (place.data_dir / "session_key").read_text().strip()
    with sqlite3.connect(place.data_dir / "imhub.sqlite3") as database:
        rows = database.execute("select sealed from sync_accountsession").fetchall()
    states = [json.loads(Fernet(key).decrypt(bytes(sealed))) for (sealed,) in rows]
    return [cookie["value"] for state in states for cookie in state["cookies"]]


def test_a_code_is_scanned_in_the_dialog_and_no_cookie_lies_in_clear(place: Installation, browser: Browser) -> None:
    place.start_demo("--scenario", "contract", "--fans-interval", "0", "--phone-delay", "0.2")
    switch(place, phone_away=True, second_step=True)
    cast = make_cast(place, Operator("mei", {NAME: "operate"}), configs={NAME: place.demo_config(NAME)})
    place.start_hub()
    worker = place.start_worker(cast.worker_token)
    context = browser.new_context(locale="en-US", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    try:
        page.goto(f"{place.url}/accounts")
        page.fill("#id_username", "mei")
        page.fill("#id_password", "password-of-mei")
        page.press("#id_password", "Enter")
        page.locator(f"#card-{NAME}").get_by_role("link", name="Log in by QR").click(timeout=60_000)
        dialog = page.locator("#form-dialog")
        expect(dialog.get_by_role("img", name="Login code")).to_be_visible(timeout=60_000)
        expect(dialog.locator(".say")).to_have_text(re.compile(r"Scan with the phone .* renews in \d+ s\."))
        switch(place, phone_away=False)
        field = dialog.get_by_label("Code of the short message")
        expect(field).to_be_visible(timeout=30_000)
        expect(dialog.locator(".say")).to_have_text("Douyin sent a code to 138****1234. Type it here.")
        field.fill(place.truth(NAME)["short_message"])
        field.press("Enter")
        expect(dialog.locator(".say")).to_have_text(re.compile(r"^Logged in\."), timeout=30_000)
        dialog.get_by_role("link", name="Done").click()
        cookies = eventually(lambda: stored_cookies(place) or None, f"a session\n{worker.tail()}", 30)
        page.goto(f"{place.url}/?tab=all")
        expect(page.locator("#list .row").first).to_be_visible(timeout=60_000)
    finally:
        context.close()
    assert cookies
    files = [*place.data_dir.rglob("*"), *place.place.glob("*.log")]
    code = re.compile(rb"data:image/png;base64")
    for file in (one for one in files if one.is_file()):
        content = file.read_bytes()
        assert not any(value.encode() in content for value in cookies if len(value) > 8), file
        if file.name != "demo.log":
            assert not code.search(content), file
