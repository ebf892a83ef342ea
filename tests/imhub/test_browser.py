"""The pages in a real browser: what Django's test client cannot notice, such as a form that a browser posts without
its origin, or a style that the Content-Security-Policy forbids.
"""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crawler.browsers.chromium import find_chromium
from tests.imhub.runs import Run

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

PASSWORD = "a long enough one"


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        path = find_chromium(playwright, os.environ.get("IMHUB_CHROMIUM"))
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """Of a context of its own: nobody is signed in."""
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    page.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a hub with an owner and an account."""
    run = Run(tmp_path_factory.mktemp("prepared"))
    run.env |= {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    run.migrate()
    for line in (
        ["createsuperuser", "--noinput", "--username", "owner", "--email", "o@example.com"],
        ["addaccount", "roses", "--platform", "douyin", "--name", "小满花店"],
    ):
        done = run.manage(*line)
        assert done.returncode == 0, done.stderr
    return Path(run.env["IMHUB_DATA_DIR"])


@pytest.fixture
def address(run: Run, prepared: Path) -> str:
    shutil.copytree(prepared, run.env["IMHUB_DATA_DIR"])
    run.start("serve")
    run.wait_for_hub()
    return f"http://127.0.0.1:{run.hub_port}"


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#rail")).to_contain_text("小满花店")
    page.wait_for_load_state("load")


def test_an_owner_signs_in_adds_a_worker_and_signs_out(page: Page, address: str, complaints: list[str]) -> None:
    sign_in(page, address)
    expect(page.locator("#account-roses")).to_contain_text("No computer reads it yet")
    page.get_by_role("link", name="owner").click()
    page.get_by_role("link", name="Accounts and workers").click()
    page.goto(f"{address}/admin/sync/worker/add/")
    page.locator("#id_name").fill("atlas")
    page.get_by_role("button", name="Save", exact=True).click()
    assert re.fullmatch(r"atlas:[\w-]{43}", page.locator("#secret").inner_text())
    page.goto(f"{address}/admin/sync/account/roses/change/")
    page.locator("#id_worker").select_option(label="atlas")
    page.locator("#id_color").fill("#123456")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#result_list")).to_contain_text("Its worker is not running")
    page.goto(f"{address}/")
    assert page.locator("#account-roses rect").get_attribute("fill") == "#123456"
    page.goto(f"{address}/me")
    page.get_by_role("button", name="Sign out owner").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert complaints == []


def test_the_first_page_follows_by_itself_and_says_when_it_cannot(page: Page, address: str, run: Run) -> None:
    sign_in(page, address)
    expect(page.locator("#connection")).to_contain_text("Live · 1 account")
    assert run.manage("addaccount", "tea", "--platform", "douyin", "--name", "山野茶舍").returncode == 0
    expect(page.locator("#rail")).to_contain_text("山野茶舍", timeout=20_000)
    run.started[0].send_signal(signal.SIGTERM)
    run.started[0].wait(20)
    lost = page.get_by_text("Connection lost, reconnecting. You see the state of")
    expect(lost).to_be_visible(timeout=20_000)
    expect(page.locator("#rail")).to_contain_text("山野茶舍")
    run.start("serve")
    expect(page.get_by_text("Connected again, everything is up to date.")).to_be_visible(timeout=60_000)


def test_an_integrator_writes_from_the_pages_of_the_api(page: Page, address: str, complaints: list[str]) -> None:
    sign_in(page, address)
    page.goto(f"{address}/api/im/conversations?account_id=roses")
    page.locator("textarea[name=_content]").fill('{"account_id": "roses", "participant": {"user_id": "zoe"}}')
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("HTTP 201 Created")
    expect(page.locator(".response-info")).to_contain_text('"conversation_id": "conv_roses_zoe"')
    page.goto(f"{address}/api/im/accounts/roses")
    page.locator("textarea[name=_content]").fill('{"alias": "花店"}')
    page.get_by_role("button", name="PATCH").click()
    expect(page.locator(".response-info")).to_contain_text('"alias": "花店"')
    assert complaints == []
