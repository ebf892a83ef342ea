"""Web Push: what a browser subscribed to is encrypted for it alone, signed by us, and ends when the browser says so."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.contrib.auth.models import User
from django.test import Client
from py_vapid import Vapid02

from alerts import book
from alerts.core.choices import Choices
from alerts.courier import Courier
from alerts.devices import BadSubscription, Subscription, subscribe
from alerts.models import Destination, PushKey
from alerts.sending import device
from alerts.sending.device import is_push_service, send_to_device
from alerts.sending.failed import SendFailed
from alerts.vapid import load_key, public_key
from sync.hub import Hub
from tests.alerts.stand_in import Receiver
from tests.inbox.test_owner import hub, lin, mei, operator, owner

__all__ = ["hub", "lin", "mei", "operator", "owner"]

AN_ALERT = json.dumps({"title": "1 个账号需要处理", "body": "「玫瑰小店」：需要重新登录", "path": "/accounts"})


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Browser:
    """What a browser keeps of its subscription, and a push service on this machine in front of it."""

    def __init__(self, endpoint: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.subscription = {"endpoint": endpoint, "p256dh": b64(point), "auth": b64(self._auth)}

    def decrypt(self, body: bytes) -> str:
        clear: bytes = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return clear.decode()


@pytest.fixture
def browser(receiver: Receiver) -> Browser:
    return Browser(f"http://{receiver.host}/push/canary7f3a")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The push service of the test is one that we know."""
    monkeypatch.setattr(device, "is_push_service", lambda endpoint: endpoint.startswith("http://127.0.0.1"))


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path, transactional_db: None) -> None:
    settings.DATA_DIR = tmp_path


def test_a_notice_is_read_by_its_browser_alone_and_signed_by_our_key(browser: Browser, receiver: Receiver) -> None:
    send_to_device(browser.subscription, AN_ALERT, load_key())
    arrived = receiver.received[0]
    assert "需要".encode() not in arrived.body
    assert browser.decrypt(arrived.body) == AN_ALERT
    assert (arrived.headers["content-encoding"], arrived.headers["urgency"]) == ("aes128gcm", "high")
    assert int(arrived.headers["ttl"]) > 0
    assert Vapid02.verify(arrived.headers["authorization"])
    assert f"k={public_key()}" in arrived.headers["authorization"]


@pytest.mark.parametrize(
    ("public", "contact"),
    [
        ("https://im.example.com", "https://im.example.com"),
        ("https://im.example.com:8443", "https://im.example.com"),
        ("https://imhub", "mailto:owner@example.com"),
        ("https://[::1]:8443", "mailto:owner@example.com"),
        ("http://im.example.com", "mailto:owner@example.com"),
        ("", "mailto:owner@example.com"),
    ],
)
def test_a_hub_of_any_address_says_where_to_complain(
    browser: Browser, receiver: Receiver, settings: Any, public: str, contact: str
) -> None:
    settings.PUBLIC_URL = public
    send_to_device(browser.subscription, AN_ALERT, load_key())
    claims = receiver.received[0].headers["authorization"].partition(".")[2].partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"] == contact


def test_the_key_is_made_once_for_all_hubs_of_the_database_and_lies_there_sealed(settings: Any, tmp_path: Path) -> None:
    first = public_key()
    settings.DATA_DIR = tmp_path / "of another hub"
    assert public_key() == first
    assert b"KEY" not in bytes(PushKey.objects.get().sealed)
    assert len(base64.urlsafe_b64decode(first + "=")) == 65


def test_the_key_of_an_older_version_goes_on(tmp_path: Path) -> None:
    old = ec.generate_private_key(ec.SECP256R1())
    pem = old.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "vapid_key").write_bytes(pem)
    assert load_key().private_numbers() == old.private_numbers()
    (tmp_path / "vapid_key").unlink()
    assert load_key().private_numbers() == old.private_numbers()


def test_a_key_that_no_session_key_opens_any_more_is_made_anew(settings: Any) -> None:
    first = public_key()
    settings.SESSION_KEY = Fernet.generate_key().decode()
    second = public_key()
    assert second != first
    assert public_key() == second


@pytest.mark.parametrize(("status", "reason"), [(410, "gone: 410"), (404, "gone: 404"), (500, "status: 500")])
def test_a_push_service_says_whether_the_browser_is_gone(
    browser: Browser, receiver: Receiver, status: int, reason: str
) -> None:
    receiver.answers = [status]
    with pytest.raises(SendFailed) as failed:
        send_to_device(browser.subscription, AN_ALERT, load_key())
    assert str(failed.value) == reason


@pytest.mark.parametrize(
    ("endpoint", "is_one"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://wns2-by3p.notify.windows.com/w/?token=abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com.example.com/", False),
        ("https://evilfcm.googleapis.com.cn/", False),
        ("https://x@fcm.googleapis.com/", False),
        ("https://127.0.0.1/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://[/", False),
    ],
)
def test_an_operator_cannot_make_the_hub_call_any_address(endpoint: str, is_one: bool) -> None:
    assert is_push_service(endpoint) == is_one


def ask(client: Client, method: str, browser: Browser) -> Any:
    call: Callable[..., Any] = getattr(client, method)
    return call("/alerts/devices", json.dumps(browser.subscription), content_type="application/json")


def test_an_operator_switches_alerts_on_and_off_for_his_browser(
    operator: Client, hub: Hub, browser: Browser, known: None
) -> None:
    key = operator.get("/alerts/devices").json()
    assert key == {"key": public_key(), "is_on": False}
    assert ask(operator, "post", browser).json() == {"is_on": True}
    place = Destination.objects.get()
    assert (place.kind, place.user.get_username() if place.user else "") == ("device", "mei")
    assert b"canary" not in bytes(place.sealed)
    endpoint = {"endpoint": browser.subscription["endpoint"]}
    assert operator.get("/alerts/devices", endpoint).json()["is_on"] is True
    ask(operator, "post", browser)
    assert Destination.objects.count() == 1
    assert ask(operator, "delete", browser).json() == {"is_on": False}
    assert not Destination.objects.exists()


def test_a_browser_that_two_people_use_hears_for_the_one_who_asked_last(
    operator: Client, owner: Client, hub: Hub, browser: Browser, known: None
) -> None:
    ask(operator, "post", browser)
    ask(owner, "post", browser)
    assert [one.user.get_username() for one in Destination.objects.all() if one.user] == ["lin"]
    ask(operator, "delete", browser)
    assert Destination.objects.count() == 1, "it is not his any more"


@pytest.mark.parametrize(
    "wrong", [{"endpoint": "https://127.0.0.1/"}, {"p256dh": "abc"}, {"auth": "abc"}, {"auth": 1}, {"p256dh": "é"}]
)
def test_what_no_browser_says_is_refused(
    operator: Client, hub: Hub, browser: Browser, known: None, wrong: dict[str, Any]
) -> None:
    browser.subscription |= wrong
    assert ask(operator, "post", browser).status_code == 400
    assert not Destination.objects.exists()


def test_nobody_without_a_sign_in_subscribes(hub: Hub, browser: Browser, known: None) -> None:
    assert ask(Client(), "post", browser).status_code == 302
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(User.objects.get(username="mei"))
    assert ask(guarded, "post", browser).status_code == 403
    assert not Destination.objects.exists()


async def test_a_browser_that_is_gone_is_forgotten(
    transactional_db: None, browser: Browser, receiver: Receiver, known: None
) -> None:
    def add() -> None:
        book.save_choices(Choices(has_quiet=False))
        user = User.objects.create(username="mei")
        subscribe(user.pk, Subscription(**browser.subscription), "phone", "en", 0)
        book.enqueue(Destination.objects.get(), "alert", AN_ALERT, 0)
        book.enqueue(Destination.objects.get(), "alert", AN_ALERT, 0)

    await book_thread(add)
    receiver.answers = [201, 410]
    courier = Courier(lambda: 0)
    await courier.start_due()
    await courier.finish()
    assert browser.decrypt(receiver.received[0].body) == AN_ALERT
    assert await book_thread(Destination.objects.count) == 0


async def book_thread(work: Callable[[], Any]) -> Any:
    from sync.storage.database import in_database

    return await in_database(work)


def test_ten_devices_of_one_person_are_enough(transactional_db: None, known: None) -> None:
    user = User.objects.create(username="mei")
    for number in range(12):
        one = Browser(f"http://127.0.0.1/{number}").subscription
        subscribe(user.pk, Subscription(**one), f"phone {number}", "en", 0)
    assert [one.label for one in Destination.objects.all()] == [f"phone {number}" for number in range(2, 12)]


def test_a_subscription_of_an_unknown_service_is_refused(transactional_db: None, browser: Browser) -> None:
    with pytest.raises(BadSubscription):
        subscribe(1, Subscription(**browser.subscription), "phone", "en", 0)


def test_the_inbox_can_be_installed(operator: Client, hub: Hub) -> None:
    manifest = operator.get("/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    about = manifest.json()
    assert (about["start_url"], about["display"], about["scope"]) == ("/", "standalone", "/")
    for icon in about["icons"]:
        assert operator.get(icon["src"]).headers["Content-Type"] == "image/png"
    assert '<link rel="manifest" href="/manifest.webmanifest">' in operator.get("/me").content.decode()


def test_the_service_worker_keeps_the_shell_only(operator: Client, hub: Hub) -> None:
    script = Client().get("/service-worker.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    text = script.content.decode()
    assert "cache.put" not in text
    assert text.count("addAll([OFFLINE, ICON])") == 1
    for path in ("/static/inbox/device/offline.html", "/static/imhub/icon-192.png"):
        assert path in text
        assert operator.get(path).status_code == 200
