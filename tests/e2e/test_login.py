"""A login from the inbox, for real: a code of the demo platform in the dialog, the second step, the first row."""

import json
import re
import sqlite3
from contextlib import suppress
from urllib.request import Request, urlopen

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.cast import Operator, make_cast
from tests.e2e.phone import read_code
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


def sign_in(page: Page, place: Installation, name: str) -> None:
    page.goto(f"{place.url}/accounts")
    page.fill("#id_username", name)
    page.fill("#id_password", f"password-of-{name}")
    page.press("#id_password", "Enter")


def assert_kept_nowhere(place: Installation, cookies: list[str]) -> None:
    """No cookie and no code lies in the database, in a log or in another file."""
    code = re.compile(rb"data:image/png;base64")
    for file in (one for one in [*place.data_dir.rglob("*"), *place.place.glob("*.log")] if one.is_file()):
        content = file.read_bytes()
        assert not any(value.encode() in content for value in cookies if len(value) > 8), file
        if file.name != "demo.log":
            assert not code.search(content), file


def scan(screen: Locator, context: BrowserContext, account: str, until: re.Pattern[str]) -> None:
    """Scan with a phone whatever code the screen shows, and confirm, until the screen says what is waited for.

    A code that ends meanwhile is followed by the next, as on a slow machine.
    """
    phone, again = context.new_page(), screen.get_by_role("button", name=re.compile("New code|Show the login code"))

    def is_over() -> bool:
        with suppress(PlaywrightError, ValueError):  # the page goes on, or its picture is renewed just now
            if until.match(screen.locator(".say").inner_text(timeout=5_000)):
                return True
            if again.count():
                again.click(timeout=5_000)
            phone.goto(read_code(screen.get_by_role("img", name="Login code").screenshot(timeout=5_000)))
            choice = phone.locator(f"input[value={account}]")
            if choice.count():
                choice.check(timeout=5_000)
                phone.locator("button").click(timeout=5_000)
        return False

    eventually(lambda: is_over() or None, f"the screen says {until.pattern!r}", 120)
    phone.close()


def test_a_code_is_scanned_in_the_dialog_and_no_cookie_lies_in_clear(place: Installation, browser: Browser) -> None:
    place.start_demo("--scenario", "contract", "--fans-interval", "0", "--phone-delay", "0.2")
    switch(place, phone_away=True, second_step=True)
    cast = make_cast(place, Operator("mei", {NAME: "operate"}), configs={NAME: place.demo_config(NAME)})
    place.start_hub()
    worker = place.start_worker(cast.worker_token)
    context = browser.new_context(locale="en-US", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    try:
        sign_in(page, place, "mei")
        page.locator(f"#card-{NAME}").get_by_role("link", name="Log in by QR").click(timeout=60_000)
        dialog = page.locator("#form-dialog")
        expect(dialog.get_by_role("img", name="Login code")).to_be_visible(timeout=60_000)
        expect(dialog.locator(".say")).to_have_text(re.compile(r"Scan with the phone .* renews in \d+ s\."))
        switch(place, phone_away=False)
        field = dialog.get_by_label("Code of the short message")
        expect(field).to_be_visible(timeout=60_000)
        expect(dialog.locator(".say")).to_have_text("Douyin sent a code to 138****1234. Type it here.")
        field.fill(place.truth(NAME)["short_message"])
        field.press("Enter")
        expect(dialog.locator(".say")).to_have_text(re.compile(r"^Logged in\."), timeout=60_000)
        dialog.get_by_role("link", name="Done").click()
        cookies = eventually(lambda: stored_cookies(place) or None, f"a session\n{worker.tail()}", 60)
        page.goto(f"{place.url}/?tab=all")
        expect(page.locator("#list .row").first).to_be_visible(timeout=60_000)
    finally:
        context.close()
    assert cookies
    assert_kept_nowhere(place, cookies)


def test_a_code_is_renewed_runs_out_and_is_scanned_by_link_with_the_wrong_account_and_the_right_one(
    place: Installation, browser: Browser
) -> None:
    place.start_demo("--scenario", "contract", "--fans-interval", "0", "--qr-lifetime", "6")
    switch(place, phone_away=True)
    config = place.demo_config(NAME) | {"qr_refreshes": 1, "login_timeout_s": 40}
    people = Operator("mei", {NAME: "operate"}), Operator("boss", {}, is_staff=True)
    cast = make_cast(place, *people, configs={NAME: config})
    place.start_hub()
    with cast.client("boss") as boss:
        number = {"platform_user_id": place.truth(NAME)["owner"]["short_id"]}
        assert boss.patch(f"/api/im/accounts/{NAME}", json=number).status_code == 200
    worker = place.start_worker(cast.worker_token)
    context, elsewhere = browser.new_context(locale="en-US"), browser.new_context(locale="en-US")
    mobile = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
    try:
        page = context.new_page()
        sign_in(page, place, "mei")
        page.locator(f"#card-{NAME}").get_by_role("link", name="Log in by QR").click(timeout=60_000)
        dialog = page.locator("#form-dialog")
        code = dialog.get_by_role("img", name="Login code")
        expect(code).to_be_visible(timeout=60_000)
        first = code.get_attribute("src") or ""
        expect(code).not_to_have_attribute("src", first, timeout=60_000)
        expect(dialog.locator(".say")).to_have_text("Nobody scanned the code in time.", timeout=90_000)
        dialog.get_by_role("button", name="New code").click()
        dialog.get_by_role("button", name="Make a link for whoever holds the phone").click(timeout=60_000)
        holder = elsewhere.new_page()
        holder.goto(dialog.get_by_label("Link to the login code").input_value(timeout=60_000))
        screen = holder.locator("#login-state")
        wrong = re.compile(r"^Another account was scanned\. It was not kept")
        scan(screen, mobile, "beta", wrong)
        for place_of_it in (screen, dialog):
            expect(place_of_it.locator(".say")).to_have_text(wrong, timeout=60_000)
        assert stored_cookies(place) == [], worker.tail()
        logged_in = re.compile(r"^Logged in\.")
        scan(screen, mobile, NAME, logged_in)
        for place_of_it in (screen, dialog):
            expect(place_of_it.locator(".say")).to_have_text(logged_in, timeout=60_000)
        cookies = eventually(lambda: stored_cookies(place) or None, f"a session\n{worker.tail()}", 60)
        again = elsewhere.new_page()
        again.goto(f"{place.url}/accounts")
        expect(again.locator("#id_username")).to_be_visible()  # the link opens nothing else
    finally:
        for one in (context, elsewhere, mobile):
            one.close()
    assert_kept_nowhere(place, cookies)
