"""The pages in a real browser: what Django's test client cannot notice, such as a form that a browser posts without
its origin, or a style that the Content-Security-Policy forbids.
"""

import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.inbox.live_page import AGAIN, WATCH, wait_until_said
from tests.servers import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

PASSWORD = "a long enough one"


@pytest.fixture
def complaints() -> list[str]:
    return []


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
    place = Installation(tmp_path_factory.mktemp("prepared"))
    place.env |= {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    place.manage("createsuperuser", "--noinput", "--username", "owner", "--email", "o@example.com")
    place.manage("addaccount", "roses", "--platform", "douyin", "--name", "小满花店")
    return place.data_dir


@pytest.fixture
def address(bare_place: Installation, prepared: Path) -> str:
    shutil.copytree(prepared, bare_place.data_dir, dirs_exist_ok=True)
    bare_place.start_hub()
    return bare_place.url


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


def test_the_first_page_follows_by_itself_and_says_when_it_cannot(
    page: Page, address: str, bare_place: Installation
) -> None:
    sign_in(page, address)
    expect(page.locator("#connection")).to_contain_text("Live · 1 account")
    bare_place.manage("addaccount", "tea", "--platform", "douyin", "--name", "山野茶舍")
    expect(page.locator("#rail")).to_contain_text("山野茶舍")
    bare_place.processes[0].send_signal(signal.SIGTERM)
    bare_place.processes[0].wait(60)
    lost = page.get_by_text("Connection lost, reconnecting. You see the state of")
    expect(lost).to_be_visible()
    expect(page.locator("#rail")).to_contain_text("山野茶舍")
    page.evaluate(WATCH)
    bare_place.start("hub", "serve")
    wait_until_said(page, AGAIN)


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
