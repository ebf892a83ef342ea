"""While the database is away, whoever needs it is told to come again: 503 everywhere, never 500."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import AsyncClient, Client

from im_api.access import forget

PASSWORD = "a long enough one"


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(BaseDatabaseWrapper, "cursor", refuse)
        yield


@pytest.fixture
def owner(db: None, empty_hub: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("boss", password=PASSWORD))
    forget()
    return client


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/", {}),
    ("GET", "/accounts/", {}),
    ("GET", "/login/", {}),
    ("POST", "/login/", {"data": {"username": "boss", "password": PASSWORD}}),
    ("GET", "/admin/", {}),
    ("GET", "/admin/sync/account/", {}),
    ("POST", "/admin/login/", {"data": {"username": "boss", "password": PASSWORD}}),
    ("GET", "/api/im/accounts", {}),
    ("GET", "/api/im/accounts", {"headers": {"Authorization": "Token unknown"}}),
    ("PUT", "/api/im/conversations/x/read", {}),
    ("POST", "/api/im/replies", {"data": "{}", "content_type": "application/json"}),
]


@pytest.mark.parametrize(("method", "path", "options"), REQUESTS, ids=[f"{m} {p}" for m, p, _ in REQUESTS])
def test_every_page_and_route_says_503(
    owner: Client, monkeypatch: pytest.MonkeyPatch, caplog: Any, method: str, path: str, options: dict[str, Any]
) -> None:
    with away(monkeypatch):
        response = getattr(owner, method.lower())(path, **options)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    if path.startswith("/api/"):
        assert response.json()["data"] is None
        assert response.json()["status_msg"] == "Try again: the database is busy or away"
    else:
        assert "cannot reach its database" in response.content.decode()


@pytest.mark.django_db(transaction=True)
async def test_the_server_that_speaks_asgi_says_so_too(monkeypatch: pytest.MonkeyPatch, empty_hub: None) -> None:
    client = AsyncClient(raise_request_exception=False)
    given = {"username": "boss", "password": PASSWORD}
    with away(monkeypatch):
        response = await client.post("/login/", given, headers={"Accept-Language": "zh-CN"})
    assert response.status_code == 503
    assert "连不上数据库" in response.content.decode()


# -- one line in the log


@pytest.mark.parametrize("path", ["/accounts/add/", "/nothing/", "/a%00b/", "/admin/sync/account/a%00b/change/"])
def test_what_is_refused_is_one_line(db: None, empty_hub: None, path: str, log_lines: list[str]) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("mei", password=PASSWORD))
    status = client.get(path).status_code
    assert status == (403 if path == "/accounts/add/" else 404)
    assert len(log_lines) == 1
    assert "Traceback" not in log_lines[0]


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """What the log of requests says, each with its traceback."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    logger, handler = logging.getLogger("django.request"), Keep()
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "path", ["/a%00b", "/static/a%00b.css", "/api/im/a%00b", "/api/im/replies/a%00b", "/admin/a%00b/"]
)
@pytest.mark.parametrize("method", ["get", "delete"])
def test_nul_in_a_path_is_404(owner: Client, path: str, method: str) -> None:
    assert getattr(owner, method)(path).status_code == 404
