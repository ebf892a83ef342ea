"""The page that shows the API, in a real browser: what the Content-Security-Policy forbids, nothing else notices."""

import pytest
from playwright.sync_api import Browser, expect

from tests.servers import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def test_a_person_reads_the_page_in_a_browser_without_a_complaint(place: Installation, browser: Browser) -> None:
    place.start_hub()
    operations = sum(len(methods) for methods in place.get("/api/schema/")["paths"].values())
    address = f"http://127.0.0.1:{place.port}"
    complaints: list[str] = []
    elsewhere: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(address) else elsewhere.append(request.url))
    page.goto(f"{address}/api/docs/")
    expect(page.locator(".opblock")).to_have_count(operations)
    page.locator("#operations-Conversations-get_conversations button.opblock-summary-control").click()
    expect(page.get_by_text("橘子汽水").first).to_be_visible()
    page.close()
    assert complaints == []
    assert [url for url in elsewhere if not url.startswith("data:")] == []
