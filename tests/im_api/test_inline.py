"""The event loop answers reads without the database; what needs it goes once more through a thread."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.core.exceptions import SynchronousOnlyOperation
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings

from im_api import access
from im_api.inline import InlineReads
from im_api.models import ApiToken, hash_token
from sync.hub import Hub
from tests.im_api.conftest import Connect, check_refusal

READS = [
    "/api/im/accounts",
    "/api/im/accounts/acc-a",
    "/api/im/conversations?account_id=acc-a",
    "/api/im/conversations?account_id=acc-a&count=1",
    "/api/im/conversations/conv_acc-a_mia",
    "/api/im/conversations/conv_acc-a_mia/messages/",
    "/api/im/messages?conversation_id=conv_acc-a_ben&is_read=false",
    "/api/im/messages/msg_acc-a_m1",
    "/api/im/contents?account_id=acc-a",
    "/api/im/contents/cont_acc-a_w1",
    "/api/im/contents/cont_acc-a_old/stats",
    "/api/im/discussions?account_id=acc-a&content_id=cont_acc-a_old",
    "/api/im/discussions/comm_acc-a_c1/replies",
    "/api/im/notifications?account_id=acc-a",
    "/api/im/notifications/notif_acc-a_n1",
    "/api/im/unified-messages?account_id=all",
    "/api/im/unified-messages/stats?account_id=all",
    "/api/im/messages/nothing",
    "/api/im/messages",
    "/api/im/accounts/acc-b",
    "/api/im/nothing",
    "/api/im/threads",
    "/api/v1/status",
    "/api/im/version",
]


class Counted:
    """Django's ordinary application, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._app = get_asgi_application()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self._app(scope, receive, send)


def client_of(app: Any, username: str = "alice", **headers: str) -> httpx.AsyncClient:
    headers["Authorization"] = f"Token {username}"
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers)


@pytest.fixture
def django_app() -> Counted:
    return Counted()


@pytest.mark.parametrize("path", READS)
async def test_a_read_never_leaves_the_loop(hub: Hub, django_app: Counted, path: str) -> None:
    """pytest-django refuses every database connection here, in this thread and in others."""
    response = await client_of(InlineReads(django_app)).get(path)
    assert response.status_code != 500
    assert django_app.asked == 0


@pytest.mark.parametrize("path", READS)
async def test_both_ways_give_the_same_bytes(hub: Hub, django_app: Counted, path: str) -> None:
    inline = await client_of(InlineReads(django_app)).get(path)
    through_thread = await client_of(django_app).get(path)
    assert inline.status_code == through_thread.status_code
    assert inline.content == through_thread.content
    assert sorted(inline.headers.items()) == sorted(through_thread.headers.items())


@pytest.mark.parametrize("path", READS)
async def test_head_is_the_same_without_the_body(hub: Hub, django_app: Counted, path: str) -> None:
    got = await client_of(InlineReads(django_app)).get(path)
    head = await client_of(InlineReads(django_app)).head(path)
    assert head.status_code == got.status_code
    assert head.content == b""


async def test_writes_and_pages_for_people_go_to_django(hub: Hub, django_app: Counted) -> None:
    app = InlineReads(django_app)
    check_refusal(await client_of(app).post("/api/im/messages"), 400)
    assert django_app.asked == 1
    page = await client_of(app, Accept="text/html,application/xhtml+xml").get("/api/im/accounts")
    assert django_app.asked == 2
    assert page.headers["Content-Type"].startswith("text/html")
    assert '"user_id": "acc-a"' in page.text.replace("&quot;", '"')
    assert "ETag" not in page.headers
    assert (await client_of(app).get("/api/im/accounts?format=api")).headers["Content-Type"].startswith("text/html")
    assert django_app.asked == 3
    asked_for_json = await client_of(app, Accept="text/html").get("/api/im/accounts?format=json")
    assert asked_for_json.headers["Content-Type"] == "application/json"


async def test_a_search_reads_every_row_and_leaves_the_loop(hub: Hub, django_app: Counted) -> None:
    app = InlineReads(django_app)
    found = await client_of(app).get("/api/im/discussions?account_id=acc-a&q=%E6%97%A7")
    assert [row["discussion_id"] for row in found.json()["data"]["discussions"]] == ["comm_acc-a_c4"]
    assert django_app.asked == 1


async def test_other_addresses_pass_through(hub: Hub, django_app: Counted) -> None:
    assert (await client_of(InlineReads(django_app), "olivia").get("/metrics")).status_code == 200
    assert django_app.asked == 1


async def test_nothing_looks_after_connections_on_the_loop(hub: Hub, django_app: Counted) -> None:
    heard: list[str] = []

    def listen(signal: Any, **kwargs: Any) -> None:
        heard.append("heard")

    request_started.connect(listen)
    request_finished.connect(listen)
    try:
        await client_of(InlineReads(django_app)).get("/api/im/accounts")
    finally:
        request_started.disconnect(listen)
        request_finished.disconnect(listen)
    assert heard == []


@pytest.mark.django_db(transaction=True)
async def test_a_token_that_the_directory_does_not_know_is_asked_for_in_a_thread(hub: Hub, django_app: Counted) -> None:
    app = InlineReads(django_app)
    dana = await User.objects.acreate(username="dana", is_staff=True)
    _, key = await sync_to_async(ApiToken.issue)(dana, "cli")
    assert hash_token(key) not in access.get_access().tokens
    assert (await client_of(app, key).get("/api/im/accounts")).status_code == 200
    assert django_app.asked == 1
    assert (await client_of(app, key).get("/api/im/accounts")).status_code == 200
    assert django_app.asked == 1, "now the directory knows it"


@pytest.mark.django_db(transaction=True)
async def test_a_bad_token_is_asked_for_every_time(hub: Hub, django_app: Counted) -> None:
    app = InlineReads(django_app)
    for expected in (1, 2):
        check_refusal(await client_of(app, "unknown").get("/api/im/accounts"), 401)
        assert django_app.asked == expected


@pytest.mark.django_db(transaction=True)
async def test_a_browser_session_is_asked_for_once(hub: Hub, django_app: Counted) -> None:
    dana = await User.objects.acreate(username="dana", is_staff=True)
    await sync_to_async(access.reload)()
    browser = Client()
    await sync_to_async(browser.force_login)(dana)
    cookies = {"imhub_session": browser.cookies["imhub_session"].value}
    transport = httpx.ASGITransport(InlineReads(django_app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as client:
        answers = [await client.get("/api/im/accounts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert django_app.asked == 1
    assert answers[0].content == answers[1].content
    assert sorted(answers[0].headers.items()) == sorted(answers[1].headers.items())


@pytest.mark.django_db(transaction=True)
async def test_the_first_request_of_a_process_loads_the_directory(hub: Hub, django_app: Counted) -> None:
    access.forget()
    dana = await User.objects.acreate(username="dana", is_staff=True)
    _, key = await sync_to_async(ApiToken.issue)(dana, "cli")
    assert (await client_of(InlineReads(django_app), key).get("/api/im/accounts")).status_code == 200


class NeedsDatabase:
    """A middleware that asks the database, as Django's own would."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        User.objects.count()
        return self._get_response(request)


@pytest.mark.django_db(transaction=True)
async def test_a_middleware_that_needs_the_database_gets_a_thread_too(hub: Hub) -> None:
    with override_settings(API_MIDDLEWARE=[f"{__name__}.NeedsDatabase"]):
        django_app = Counted()
        app = InlineReads(django_app)
    assert (await client_of(app).get("/api/im/accounts")).status_code == 200
    assert django_app.asked == 1


async def test_django_forbids_the_database_on_the_loop() -> None:
    """What everything above relies on."""
    with pytest.raises(SynchronousOnlyOperation):
        User.objects.count()


async def test_an_answer_to_a_client_that_left_hurts_nobody(hub: Hub, django_app: Counted) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise OSError("gone")

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/im/accounts",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"authorization", b"Token alice")],
    }
    app: Callable[..., Awaitable[None]] = InlineReads(django_app)
    await app(scope, receive, send)
    assert django_app.asked == 0


async def test_below_a_root_path_it_is_the_same(hub: Hub, connect: Connect, django_app: Counted) -> None:
    transport = httpx.ASGITransport(InlineReads(django_app), root_path="/hub")
    headers = {"Authorization": "Token alice"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        response = await client.get("/hub/api/im/accounts")
    assert response.status_code == 200
    assert django_app.asked == 0
