"""How a login stands is told to the windows of those who may act for the account, and to nobody else."""

from __future__ import annotations

from sync.hub import Hub
from sync.protocol.login_messages import LoginReport
from tests.im_api.conftest import NOW
from tests.im_api.push.client import Client
from tests.im_api.push.conftest import Listen

QR = "data:image/png;base64,c2NhbiBtZQ=="


async def test_a_code_and_its_refresh_reach_the_operators_alone(writing_hub: Hub, listen: Listen) -> None:
    hub = writing_hub
    hub.logins._order = lambda _account_id, _message: True
    clients: dict[str, Client] = {name: await listen(name) for name in ("olivia", "dora", "bob", "alice")}
    for client in clients.values():
        await client.subscribe("all")
    login = hub.logins.begin("acc-b", "olivia")
    assert login is not None
    codes = [QR, QR.replace("c2", "d2")]
    for number, code in enumerate(codes):
        report = LoginReport(
            session_id=login.session_id,
            account_id="acc-b",
            state="qrcode_ready",
            qrcode=code,
            expires_at=NOW + number,
        )
        assert hub.logins.note(report)
    heard = [frame for frame in await clients["olivia"].catch_up() if frame["type"] == "login"]
    assert [(frame["account"], frame["login"]["state"]) for frame in heard] == [
        ("acc-b", "starting"),
        ("acc-b", "qrcode_ready"),
        ("acc-b", "qrcode_ready"),
    ]
    assert [frame["login"]["qrcode"] for frame in heard] == [None, *codes]
    for name in ("dora", "bob", "alice"):
        assert [frame for frame in await clients[name].catch_up() if frame["type"] == "login"] == []
