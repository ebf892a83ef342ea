"""Each messenger is received by a stand-in of its real endpoint, once; no address is in a log or on a page."""

from __future__ import annotations

import json
import logging
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from alerts.sending.failed import SendFailed, hide_secrets
from alerts.sending.people import BadAddress, describe_address, send_to_people
from tests.alerts.stand_in import Receiver

CANARY = "canary7f3asecret"
TITLE, BODY = "1 个账号需要处理", "「玫瑰小店」需要重新登录"


def _json(receiver: Receiver) -> Any:
    return json.loads(receiver.received[0].body)


def _send(address: str) -> None:
    send_to_people(address, TITLE, BODY)


@pytest.fixture
def redirected(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """The four services whose addresses are fixed are asked at the stand-in, under the paths that they have."""
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.telegram import NotifyTelegram
    from apprise.plugins.wecombot import NotifyWeComBot

    for plugin in (NotifyDingTalk, NotifyFeishu, NotifyTelegram, NotifyWeComBot):
        path = plugin.notify_url.partition("://")[2].partition("/")[2]
        monkeypatch.setattr(plugin, "notify_url", f"http://{receiver.host}/{path}")
    return receiver


def test_wecom(redirected: Receiver) -> None:
    _send(f"wecombot://{CANARY}")
    assert len(redirected.received) == 1
    assert redirected.received[0].path == f"/cgi-bin/webhook/send?key={CANARY}"
    assert BODY in _json(redirected)["text"]["content"]


def test_feishu(redirected: Receiver) -> None:
    _send(f"feishu://{CANARY}")
    assert [one.path for one in redirected.received] == [f"/open-apis/bot/v2/hook/{CANARY}/"]
    assert _json(redirected) == {"msg_type": "text", "content": {"text": f"{TITLE}\r\n{BODY}"}}


def test_dingtalk(redirected: Receiver) -> None:
    _send(f"dingtalk://{CANARY}")
    assert len(redirected.received) == 1
    assert redirected.received[0].path.startswith(f"/robot/send?access_token={CANARY}")
    assert BODY in redirected.received[0].body.decode("unicode_escape") or BODY in redirected.received[0].body.decode()


def test_telegram(redirected: Receiver) -> None:
    _send(f"tgram://123456789:{CANARY}abcdefghijklmnopqr/12315544/")
    assert len(redirected.received) == 1
    assert redirected.received[0].path.endswith("/sendMessage")
    assert (_json(redirected)["chat_id"], BODY in _json(redirected)["text"]) == (12315544, True)


def test_bark(receiver: Receiver) -> None:
    _send(f"bark://{receiver.host}/{CANARY}")
    assert [one.path for one in receiver.received] == ["/push"]
    assert _json(receiver)["device_key"] == CANARY
    assert (_json(receiver)["title"], _json(receiver)["body"]) == (TITLE, BODY)


def test_ntfy(receiver: Receiver) -> None:
    _send(f"ntfy://{receiver.host}/{CANARY}")
    assert len(receiver.received) == 1
    assert (_json(receiver)["topic"], _json(receiver)["title"], _json(receiver)["message"]) == (CANARY, TITLE, BODY)


def test_plain_webhook(receiver: Receiver) -> None:
    _send(f"json://{receiver.host}/{CANARY}")
    assert [one.path for one in receiver.received] == [f"/{CANARY}"]
    assert (_json(receiver)["title"], _json(receiver)["message"]) == (TITLE, BODY)


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as a mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for raw in self.rfile:
            word = raw.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(b"".join(lines))  # type: ignore[attr-defined]
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def mail() -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.daemon_threads = True
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def test_mail(mail: Any) -> None:
    host = f"127.0.0.1:{mail.server_address[1]}"
    _send(f"mailto://{host}?from=hub@example.com&to=owner@example.com&mode=insecure")
    assert len(mail.mails) == 1
    assert b"To: owner@example.com" in mail.mails[0]


def test_why_it_failed_is_told_without_the_address(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = [500]
    with pytest.raises(SendFailed, match="500") as failed:
        _send(f"json://{receiver.host}/{CANARY}")
    receiver.server_close()
    with pytest.raises(SendFailed) as unreachable:
        _send(f"json://{receiver.host}/{CANARY}")
    said = f"{failed.value} {unreachable.value} {capfd.readouterr()}"
    assert CANARY not in said


def test_a_password_is_hidden_as_it_stands_in_the_address_and_as_it_is() -> None:
    address = "mailtos://hub:p%40ssword1@example.com"
    said = "p%40ssword1, that is p@ssword1, is wrong for hub"
    assert hide_secrets(said, [address]) == "***, that is ***, is wrong for hub"


def test_a_place_that_leads_elsewhere_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    with pytest.raises(SendFailed):
        _send(f"json://{receiver.host}/{CANARY}")
    assert [one.path for one in receiver.received] == [f"/{CANARY}"]


@pytest.mark.parametrize("address", ["", "hello", "nonsense://x", "http://example.com/x", "bark://", "tgram://short"])
def test_an_address_that_no_service_has_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        describe_address(address)


@pytest.mark.parametrize(
    ("address", "service"),
    [
        (f"wecombot://{CANARY}", "WeCom Bot"),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={CANARY}", "WeCom Bot"),
        (f"bark://{CANARY}@api.day.app/{CANARY}", "Bark"),
        (f"mailto://hub:{CANARY}@example.com", "E-Mail"),
    ],
)
def test_an_address_is_shown_without_its_key(address: str, service: str) -> None:
    assert describe_address(address) == service
