"""Which representation a request gets."""

import re

import httpx
import pytest

from im_api.renderers import wants_html

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept",
    [
        BROWSER,
        "text/html",
        "TEXT/HTML",
        "text/html;level=1",
        "text/html;q=0.3, */*",
        "application/json;q=0.1, text/html",
    ],
)
def test_who_wants_html_more_than_json_gets_it(accept: str) -> None:
    assert wants_html(accept, None)
    assert not wants_html(accept, "json")


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "text/html;q=0",
        "application/json, text/html;q=0.9",
        "text/html;q=0.5, application/json;q=0.8",
        "text/html, application/json",
        "text/html;q=much",
        "x-text/html-like",
    ],
)
def test_all_others_get_json(accept: str) -> None:
    assert not wants_html(accept, None)
    assert wants_html(accept, "api")


@pytest.mark.django_db(transaction=True)
async def test_the_browsable_pages_have_nothing_that_the_policy_forbids(olivia: httpx.AsyncClient) -> None:
    for path in ("/api/im/accounts", "/api/im/accounts/acc-a", "/api/im/nothing"):
        response = await olivia.get(path, headers={"Accept": BROWSER})
        page = response.text
        assert response.headers["Content-Type"].startswith("text/html")
        assert "IM Hub</title>" in page
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        inline = set(re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page))
        assert inline == {'<script type="application/json" id="drf_csrf">'}
