"""A change reaches every channel once: a stand-in of each real endpoint is told by the running service."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from msgspec.structs import replace

from alerts import book, owner, service
from alerts.models import Delivery, Destination
from alerts.sending import device
from im_api.access import Access, Principal
from sync.hub import Hub
from sync.sealing import seal
from tests.alerts.stand_in import Receiver
from tests.alerts.test_devices import Browser
from tests.alerts.test_people import CANARY, mail, redirected
from tests.alerts.test_service import ALWAYS, Clock, live, lose_login
from tests.im_api.conftest import NOW

__all__ = ["mail", "redirected"]

TITLE, TEXT = "1 个账号需要处理", "「Shop acc-a」：还没有登录。"
PATHS = {
    "WeCom": "/cgi-bin/webhook/send",
    "Feishu": f"/open-apis/bot/v2/hook/{CANARY}/",
    "DingTalk": "/robot/send",
    "Telegram": f"/bot123456789:{CANARY}abcdefghijklmnopqr/sendMessage",
    "Bark": "/push",
    "ntfy": "/",
    "webhook": "/hook",
    "Web Push": "/push/phone",
}


def add_every_channel(receiver: Receiver, mail: Any, phone: Browser) -> None:
    mail_at = f"127.0.0.1:{mail.server_address[1]}?from=hub@example.com&to=owner@example.com&mode=insecure"
    addresses = {
        "WeCom": f"wecombot://{CANARY}",
        "Feishu": f"feishu://{CANARY}",
        "DingTalk": f"dingtalk://{CANARY}",
        "Telegram": f"tgram://123456789:{CANARY}abcdefghijklmnopqr/12315544/",
        "Bark": f"bark://{receiver.host}/{CANARY}",
        "ntfy": f"ntfy://{receiver.host}/topic",
        "webhook": f"json://{receiver.host}/hook",
        "e-mail": f"mailto://{mail_at}",
    }
    for label, address in addresses.items():
        owner.add_people(label, address, NOW)
    user = User.objects.create(username="mei")
    sealed = seal(phone.subscription)
    Destination.objects.create(
        kind="device", label="Web Push", user=user, language="zh-hans", sealed=sealed, created_at=NOW
    )


def test_a_lost_login_reaches_every_channel_once_and_once_more_when_it_is_lost_again(
    transactional_db: None,
    running: Hub,
    redirected: Receiver,
    mail: Any,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.DATA_DIR = tmp_path
    book.save_choices(replace(ALWAYS, language="zh-hans"))
    phone, clock = Browser(f"http://{redirected.host}/push/phone"), Clock()
    add_every_channel(redirected, mail, phone)
    monkeypatch.setattr(device, "is_push_service", lambda _endpoint: True)
    mei = User.objects.get(username="mei")
    seen = Principal(user_id=mei.pk, username="mei", is_staff=False, is_active=True, grants={"acc-a": "read"})
    monkeypatch.setattr(service, "get_access", lambda: Access(users={mei.pk: seen}))
    for round_ in (1, 2):
        lose_login(running)
        live(clock, 20)
        paths = Counter(one.path.partition("?")[0] for one in redirected.received)
        assert paths == dict.fromkeys(PATHS.values(), round_)
        assert len(mail.mails) == round_
        lose_login(running, login="logged_in")
        live(clock, 61)
    assert not Delivery.objects.exclude(state="delivered", tries=1).exists()
    told = {one.path.partition("?")[0]: one.body for one in redirected.received}
    notice = json.loads(phone.decrypt(told[PATHS["Web Push"]]))
    assert (notice["title"], notice["body"]) == (TITLE, TEXT)
    for name in ("WeCom", "Feishu", "Telegram", "Bark", "ntfy", "webhook"):
        said = json.dumps(json.loads(told[PATHS[name]]), ensure_ascii=False)
        assert TEXT in said, name
