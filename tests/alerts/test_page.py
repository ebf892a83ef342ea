"""The page of alerts: what its owner enters, what is wrong with it, a test that arrives; and nobody else has it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from alerts import book
from alerts.core.choices import Choices
from alerts.models import Delivery, Destination
from sync.hub import Hub
from tests.alerts.stand_in import Receiver
from tests.inbox.test_owner import hub, in_words, lin, mei, operator, owner, read, saved

__all__ = ["hub", "lin", "mei", "operator", "owner"]

CANARY = "canary7f3asecret"
USUAL: Any = {
    "tell_troubles": "on",
    "tell_waits": "on",
    "minutes": "45",
    "days": ["0", "1", "2"],
    "opens": "8:30",
    "closes": "24:00",
    "has_quiet": "on",
    "quiet_from": "22:00",
    "quiet_to": "7:00",
    "language": "en",
}


def wrong_at(client: Client, path: str, given: dict[str, Any]) -> dict[str, str]:
    response = client.post(path, given)
    assert response.status_code == 422
    found = re.findall(r'id="([\w-]+)-error">([^<]+)<', response.content.decode())
    return {name.removeprefix("id_"): text for name, text in found}


def test_the_owner_chooses_when_he_is_told(owner: Client, hub: Hub) -> None:
    assert saved(owner, "/alerts", USUAL) == "/alerts/" or book.load_choices().minutes == 45
    assert book.load_choices() == Choices(
        minutes=45, days=(0, 1, 2), opens=510, closes=1440, quiet_from=1320, quiet_to=420, language="en"
    )
    page = owner.get("/alerts").content.decode()
    assert re.search(r'name="opens" value="08:30"', page)
    assert re.search(r'name="closes" value="24:00"', page)
    assert len(re.findall(r'name="days"[^>]* checked', page)) == 3


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"quiet_from": "07:00", "quiet_to": "24:00"}, "quiet_to", "A time of day is needed, such as 09:00."),
        ({"quiet_from": "08:00", "quiet_to": "23:59", "closes": "21:00"}, "quiet_to", "Are both times swapped?"),
        ({"quiet_from": "7:00"}, "quiet_to", "The quiet hours end where they begin."),
        ({"opens": "21:00", "closes": "9:00"}, "closes", "This must be later than the beginning."),
        ({"minutes": "0"}, "minutes", "From 1 to 1440 minutes."),
        ({"minutes": "a lot"}, "minutes", "A whole number is needed."),
        ({"opens": "nine"}, "opens", "A time of day is needed, such as 09:00."),
        ({"days": []}, "days", "Choose at least one day."),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    owner: Client, hub: Hub, given: dict[str, Any], field: str, said: str
) -> None:
    assert said in wrong_at(owner, "/alerts", {**USUAL, **given})[field]
    assert book.load_choices() == Choices()


def test_a_messenger_is_added_tried_and_removed_and_its_key_is_never_shown(
    owner: Client, hub: Hub, receiver: Receiver
) -> None:
    address = f"json://{receiver.host}/{CANARY}"
    path = saved(owner, "/alerts/people", {"label": " 老板 的手机 ", "address": address})
    place = Destination.objects.get()
    assert path == f"/alerts#place-{place.pk}"
    assert CANARY.encode() not in bytes(place.sealed)
    assert "老板 的手机 · JSON Nothing was sent yet." in read(owner, "/alerts")
    saved(owner, f"/alerts/{place.pk}/act", {"do": "test"})
    assert [json.loads(one.body)["title"] for one in receiver.received] == ["IM Hub：测试"]
    assert "Arrived last at" in read(owner, "/alerts")
    receiver.answers = [500]
    saved(owner, f"/alerts/{place.pk}/act", {"do": "test"})
    page = owner.get("/alerts").content.decode()
    assert "it was refused (Failed to send JSON" in page
    assert CANARY not in page
    assert "Alerts 1 does not arrive" in read(owner, "/accounts")
    assert not Delivery.objects.filter(state="waiting").exists(), "a test is not tried again"
    assert saved(owner, f"/alerts/{place.pk}/act", {"do": "remove"}) == "/alerts"
    assert not Destination.objects.exists()


def test_a_program_gets_a_secret_that_is_shown_once_and_a_log_to_send_from_again(
    owner: Client, hub: Hub, receiver: Receiver
) -> None:
    given = {"label": "CRM", "address": f"http://{receiver.host}/{CANARY}", "events": ["message.created"]}
    response = owner.post("/alerts/programs", given)
    secret = re.findall(r"whsec_[\w-]+", response.content.decode())
    assert (response.status_code, len(secret)) == (200, 1)
    assert "no-store" in response.headers["Cache-Control"]
    place = Destination.objects.get()
    saved(owner, f"/alerts/{place.pk}/act", {"do": "test"})
    assert receiver.received[0].headers["x-imhub-event"] == "test"
    log = owner.get(f"/alerts/{place.pk}").content.decode()
    assert "whsec_" not in log
    assert CANARY not in log
    assert f"http://{receiver.host}" in log
    name = Delivery.objects.get().name
    assert name in log
    Destination.objects.update(retry_at=10**15)
    assert saved(owner, f"/alerts/{place.pk}/act", {"do": "again", "delivery": name}) == f"/alerts/{place.pk}"
    assert (Delivery.objects.get().state, Destination.objects.get().retry_at) == ("waiting", 0)
    renewed = owner.post(f"/alerts/{place.pk}/act", {"do": "secret"}).content.decode()
    assert re.findall(r"whsec_[\w-]+", renewed) not in ([], secret)


def test_of_an_address_that_no_key_opens_the_owner_is_told_to_add_it_again(owner: Client, hub: Hub) -> None:
    owner.post("/alerts/programs", {"label": "CRM", "address": "http://127.0.0.1:1/"})
    Destination.objects.update(sealed=b"gAAAAnonsense")
    place = Destination.objects.get()
    assert saved(owner, f"/alerts/{place.pk}/act", {"do": "secret"}) == "/alerts"
    assert "its address cannot be read any more; remove it and add it again" in read(owner, "/alerts")


def test_a_watch_is_set_tried_and_taken_away(owner: Client, hub: Hub, receiver: Receiver) -> None:
    saved(owner, "/alerts/watch", {"address": f"http://{receiver.host}/ping/{CANARY}"})
    place = Destination.objects.get()
    saved(owner, f"/alerts/{place.pk}/act", {"do": "test"})
    assert [one.path for one in receiver.received] == [f"/ping/{CANARY}"]
    assert CANARY not in owner.get("/alerts").content.decode()
    saved(owner, "/alerts/watch", {"address": ""})
    assert not Destination.objects.exists()


@pytest.mark.parametrize(
    ("path", "given", "field", "said"),
    [
        ("people", {"label": "", "address": "ntfy://x/y"}, "people-label", "Nothing stands here yet."),
        ("people", {"label": "长" * 61, "address": "ntfy://x/y"}, "people-label", "That is too long."),
        ("people", {"label": "me", "address": ""}, "people-address", "Nothing stands here yet."),
        (
            "people",
            {"label": "me", "address": "http://example.com/x"},
            "people-address",
            "No service has such an address.",
        ),
        ("programs", {"label": "me", "address": "ftp://example.com"}, "program-address", "http:// or https://"),
        ("watch", {"address": "hello"}, "watch-address", "http:// or https://"),
    ],
)
def test_a_wrong_address_is_said_at_its_field(
    owner: Client, hub: Hub, path: str, given: dict[str, str], field: str, said: str
) -> None:
    assert said in wrong_at(owner, f"/alerts/{path}", given)[field]
    assert not Destination.objects.exists()


def test_nobody_but_the_owner_has_the_page(operator: Client, hub: Hub) -> None:
    for path in ("/alerts", "/alerts/people", "/alerts/programs", "/alerts/watch", "/alerts/1/act"):
        assert operator.post(path, {"label": "x", "address": "ntfy://x/y", "do": "test"}).status_code == 403
        assert Client().post(path).status_code in (302, 403)
    assert operator.get("/alerts/1").status_code == 403
    assert not Destination.objects.exists()


@pytest.mark.parametrize("path", ["people", "programs", "watch", "1/act"])
def test_what_a_form_answered_can_be_loaded_anew(owner: Client, operator: Client, hub: Hub, path: str) -> None:
    answer = owner.get(f"/alerts/{path}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/alerts")
    assert owner.put(f"/alerts/{path}").status_code == 405
    assert operator.get(f"/alerts/{path}").status_code == 403


def test_what_is_not_there_is_not_found(owner: Client, hub: Hub) -> None:
    assert owner.get("/alerts/99").status_code == 404
    assert owner.post("/alerts/99/act", {"do": "test"}).status_code == 303


def test_the_page_is_in_the_owners_language(owner: Client, hub: Hub) -> None:
    page = in_words(owner.get("/alerts", headers={"Accept-Language": "zh-CN"}))
    assert "提醒发到哪里" in page
    assert "企业微信群机器人 wecombot://KEY" in page
