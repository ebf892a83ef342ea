"""What `serve` believes of what a proxy says."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as all_settings
from django.core.management import CommandError, call_command

from imhub.conf.environment import BadSetting, get_networks
from imhub.management.commands import serve

CLIENT = "203.0.113.9"


async def seen(monkeypatch: pytest.MonkeyPatch, came_from: str, forwarded: str = CLIENT) -> tuple[str, str]:
    """Address and scheme that the hub sees of a request which came from `came_from`."""
    scopes: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    monkeypatch.setattr(serve, "application", application)
    config = serve.make_config()
    config.load()
    headers = [(b"x-forwarded-for", forwarded.encode()), (b"x-forwarded-proto", b"https")]
    scope: Any = {"type": "http", "client": (came_from, 5000), "scheme": "http", "headers": headers}
    await config.loaded_app(scope, None, None)
    return scopes[0]["client"][0], scopes[0]["scheme"]


async def test_a_proxy_on_this_machine_is_believed_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all_settings.TRUSTED_PROXIES == ["127.0.0.1"]
    assert await seen(monkeypatch, "127.0.0.1") == (CLIENT, "https")
    assert await seen(monkeypatch, "10.0.0.5") == ("10.0.0.5", "http")


async def test_a_proxy_on_another_machine_is_believed_if_it_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.5", "2001:db8::/32"]
    for proxy in ("10.0.0.5", "2001:db8::7"):
        assert await seen(monkeypatch, proxy) == (CLIENT, "https")
    for stranger in ("10.0.0.6", "127.0.0.1"):
        assert await seen(monkeypatch, stranger) == (stranger, "http")


async def test_what_stands_before_the_address_that_the_proxy_saw_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await seen(monkeypatch, "127.0.0.1", f"198.51.100.1, {CLIENT}") == (CLIENT, "https")


@pytest.mark.parametrize("value", ["proxy.example", "*", "10.0.0.5/8", "10.0.0.5,x"])
def test_what_is_no_address_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IMHUB_TRUSTED_PROXIES", value)
    with pytest.raises(BadSetting, match=r"^IMHUB_TRUSTED_PROXIES: .* (does not appear to be|has host bits set)"):
        get_networks("TRUSTED_PROXIES", [])
    monkeypatch.setenv("IMHUB_TRUSTED_PROXIES", "10.0.0.5, ::1, 10.1.0.0/16")
    assert get_networks("TRUSTED_PROXIES", []) == ["10.0.0.5", "::1", "10.1.0.0/16"]


@pytest.mark.parametrize(("processes", "reason"), [(0, "no hub of 0 processes"), (2, "IMHUB_DATABASE_URL.*REDIS_URL")])
def test_several_processes_are_refused_where_nothing_would_order_them(processes: int, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("serve", processes=processes)
