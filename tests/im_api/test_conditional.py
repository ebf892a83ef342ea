"""ETag and 304, versions, the headers that caches and clients need."""

import time
from threading import Timer
from typing import Any

import httpx
import pytest

from im_api.views import base
from sync.core.account.entries import Report
from sync.core.change.changes import Reported
from sync.hub import Hub
from sync.protocol.messages import WireObservation
from sync.storage.records import Observed
from tests.im_api.builders import T0, a_message, a_snapshot
from tests.im_api.conftest import NOW, Connect, a_directory, an_account, check_refusal

PATH = "/api/im/conversations?account_id=acc-a"


def one_more_message(hub: Hub, account: str = "acc-a") -> None:
    snapshot = a_snapshot(messages=[a_message("new", "mia", 60, account)]) | {"partial": ["messages"]}
    hub.store.update_account_data(account, snapshot, now=NOW)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', 'W/"x" ,W/{}', "*"])
async def test_what_the_client_has_is_not_sent_again(alice: httpx.AsyncClient, form: str) -> None:
    first = await alice.get(PATH)
    second = await alice.get(PATH, headers={"If-None-Match": form.format(first.headers["ETag"])})
    assert (second.status_code, second.content) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "IMHub-Version", "IMHub-Seq"):
        assert second.headers[name] == first.headers[name]
    assert "Content-Type" not in second.headers


async def test_a_change_makes_another_etag(alice: httpx.AsyncClient, hub: Hub) -> None:
    first = await alice.get(PATH)
    one_more_message(hub)
    second = await alice.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("path", ["/api/im/accounts", "/api/im/accounts/acc-a"])
async def test_that_an_account_was_looked_at_is_no_change_of_it(alice: httpx.AsyncClient, hub: Hub, path: str) -> None:
    first = await alice.get(path)
    hub.freshness.note(Observed("acc-a", [WireObservation(surface="messages", start=T0, end=T0)], T0))
    second = await alice.get(path)
    assert second.content != first.content
    assert second.headers["ETag"] == first.headers["ETag"]
    hub.store.apply_change("acc-a", Reported(report=Report(login_status="expired")), now=NOW)
    assert (await alice.get(path)).headers["ETag"] != first.headers["ETag"]


async def test_every_answer_says_that_it_is_private(alice: httpx.AsyncClient, nobody: httpx.AsyncClient) -> None:
    for response in (await alice.get(PATH), await nobody.get(PATH), await alice.get("/api/im/nothing")):
        assert response.headers["Vary"] == "Authorization, Cookie, Accept"
        assert response.headers["Cache-Control"] == "private, no-cache"


async def test_an_error_has_no_etag(alice: httpx.AsyncClient) -> None:
    assert "ETag" not in (await alice.get("/api/im/conversations")).headers


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/acc-a",
        "/conversations?account_id=acc-a",
        "/conversations/conv_acc-a_mia",
        "/conversations/conv_acc-a_mia/messages",
        "/messages/msg_acc-a_m1",
        "/contents/cont_acc-a_w1/stats",
        "/discussions/comm_acc-a_c1/replies",
        "/notifications/notif_acc-a_n1",
        "/unified-messages?account_id=acc-a",
    ],
)
async def test_answers_say_of_which_version_they_are(alice: httpx.AsyncClient, hub: Hub, path: str) -> None:
    view = hub.store.get_view("acc-a")
    response = await alice.get(f"/api/im{path}")
    assert response.headers["IMHub-Version"] == f"acc-a={view.version}"
    assert response.headers["IMHub-Seq"] == f"acc-a={view.seq}"


async def test_answers_of_several_accounts_name_them_all_up_to_a_hundred(olivia: httpx.AsyncClient, hub: Hub) -> None:
    response = await olivia.get("/api/im/unified-messages/stats?account_id=all")
    assert response.headers["IMHub-Version"] == "acc-a=2, acc-b=2, acc-seed=1"
    hub.directory = a_directory(*(an_account(f"acc-{number}") for number in range(101)))
    response = await olivia.get("/api/im/unified-messages/stats?account_id=all")
    assert response.status_code == 200
    assert "IMHub-Version" not in response.headers


async def test_answers_about_no_account_name_no_version(alice: httpx.AsyncClient, charlie: httpx.AsyncClient) -> None:
    assert "IMHub-Version" not in (await alice.get("/api/im/health")).headers
    assert "IMHub-Version" not in (await charlie.get("/api/im/accounts")).headers


async def test_a_version_that_is_reached_is_answered_at_once(alice: httpx.AsyncClient) -> None:
    for wanted in ("acc-a=2", "acc-a=1, acc-b=99999", "unknown=5"):  # of others nobody learns anything
        assert (await alice.get(PATH, headers={"IMHub-Min-Version": wanted})).status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_a_version_that_comes_in_time_is_waited_for(
    alice: httpx.AsyncClient, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "WAIT_S", 30)  # a busy machine takes its time to let the other thread run
    Timer(0.05, one_more_message, [hub]).start()
    response = await alice.get(PATH, headers={"IMHub-Min-Version": "acc-a=3"})
    assert response.status_code == 200
    assert response.headers["IMHub-Version"] == "acc-a=3"


@pytest.mark.django_db(transaction=True)
async def test_a_version_that_does_not_come_is_refused_soon(alice: httpx.AsyncClient) -> None:
    started = time.monotonic()
    response = await alice.get(PATH, headers={"IMHub-Min-Version": "acc-a=999"})
    check_refusal(response, 503)
    assert response.headers["Retry-After"] == "1"
    assert 0.4 < time.monotonic() - started < 5


@pytest.mark.parametrize("wanted", ["", "acc-a", "acc-a=x", "=3", "acc-a=3,", "acc-a=" + "9" * 30])
async def test_a_version_of_another_form_is_refused(alice: httpx.AsyncClient, wanted: str) -> None:
    check_refusal(await alice.get(PATH, headers={"IMHub-Min-Version": wanted}), 400)


@pytest.mark.parametrize("path", ["/api/im/health", "/api/im/version"])
async def test_who_does_not_say_who_they_are_waits_for_no_version(nobody: httpx.AsyncClient, path: str) -> None:
    assert (await nobody.get(path, headers={"IMHub-Min-Version": "acc-a=999"})).status_code == 200
    check_refusal(await nobody.get(PATH, headers={"IMHub-Min-Version": "acc-a=999"}), 401)


async def test_head_has_the_headers_of_get_and_no_body(hub: Hub, connect: Connect) -> None:
    alice = connect("alice")
    got: Any = await alice.get(PATH)
    head = await alice.head(PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(got.headers)
