"""Writing from a browser: with its session, and from the pages of the browsable API."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sync.models import Account, Change
from tests.sync.threaded_hub import running_hub

ZOE = '{"account_id": "roses", "participant": {"user_id": "zoe"}}'
HTML = {"Accept": "text/html; q=1.0, */*"}


@pytest.fixture
def browser(transactional_db: None, settings: Any) -> Any:
    settings.ROOT_URLCONF = "tests.im_api.urls"
    Account.objects.create(pk="roses", name="R")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss"))
    with running_hub():
        yield client


def token_of(client: Client, path: str) -> str:
    """As the page's script finds it."""
    page = client.get(path, headers=HTML).content.decode()
    found = re.search(r'"csrfToken": "(\w+)"', page)
    assert found is not None, page
    return found[1]


def test_a_form_of_the_page_writes_with_a_body(browser: Client) -> None:
    path = "/api/im/conversations"
    page = browser.get(f"{path}?account_id=roses", headers=HTML).content.decode()
    assert re.search(r'<form action="/api/im/conversations[^"]*" method="POST"', page)
    headers = {**HTML, "X-CSRFToken": token_of(browser, f"{path}?account_id=roses")}
    answer = browser.post(path, ZOE, content_type="application/json", headers=headers)
    assert answer.status_code == 201
    assert "conv_roses_zoe" in answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert Change.objects.values_list("actor", "origin").get() == ("user:boss", "browser, 127.0.0.1")


def test_what_is_no_address_is_unknown_in_the_history(browser: Client) -> None:
    path = "/api/im/conversations"
    headers = {"X-CSRFToken": token_of(browser, f"{path}?account_id=roses")}
    browser.defaults["REMOTE_ADDR"] = "x" * 500
    answer = browser.post(path, ZOE, content_type="application/json", headers=headers)
    assert answer.status_code == 201
    assert Change.objects.values_list("origin", flat=True).get() == "browser, unknown"


def test_without_its_token_a_form_writes_nothing(browser: Client) -> None:
    answer = browser.post("/api/im/conversations", ZOE, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["status_msg"].startswith("CSRF Failed")
    assert not Change.objects.exists()


def test_an_action_has_a_form_where_there_is_nothing_to_read(browser: Client) -> None:
    path = "/api/im/conversations/conv_roses_zoe/pin"
    token = token_of(browser, path)
    headers = {**HTML, "X-CSRFToken": token}
    browser.post("/api/im/conversations", ZOE, content_type="application/json", headers=headers)
    page = browser.get(path, headers=HTML).content.decode()
    forms = re.findall(rf'<form[^>]* action="{path}" data-method="(\w+)"', page)
    assert set(forms) == {"PUT", "DELETE"}
    answer = browser.put(path, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.json()["data"]["is_pinned"] is True
