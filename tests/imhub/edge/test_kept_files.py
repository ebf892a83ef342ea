"""Files of the pages are answered from memory as they were answered first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from django.core.asgi import get_asgi_application

from imhub.edge.kept_files import ENTRY_BYTES, KeptFiles

FILE = "/static/inbox/main.js"


class Counted:
    """Django, which notes what it is asked."""

    def __init__(self) -> None:
        self._django: Any = get_asgi_application()
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(f"{scope['method']} {scope['path']}")
        await self._django(scope, receive, send)


@pytest.fixture
def django() -> Counted:
    return Counted()


async def ask(app: Any, path: str = FILE, method: str = "GET", **headers: str) -> httpx.Response:
    given = {"Accept-Encoding": "identity"} | {name.replace("_", "-").title(): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return await client.request(method, path, headers=given)


def said(answer: httpx.Response) -> tuple[int, Mapping[str, str], bytes]:
    return answer.status_code, dict(answer.headers), answer.content


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["identity", "gzip, br"])
async def test_the_second_answer_is_the_first_and_django_is_not_asked(
    django: Counted, method: str, coding: str
) -> None:
    kept = KeptFiles(django, is_fixed=True)
    first = await ask(kept, method=method, accept_encoding=coding)
    assert first.status_code == 200
    assert first.headers["Content-Security-Policy"]
    assert "max-age" in first.headers["Cache-Control"]
    assert (len(first.content) > 0) is (method == "GET")
    assert said(await ask(kept, method=method, accept_encoding=coding)) == said(first)
    assert said(await ask(django, method=method, accept_encoding=coding)) == said(first)
    assert django.asked == [f"{method} {FILE}"] * 2


async def test_who_has_the_file_is_told_that_it_is_unchanged(django: Counted) -> None:
    kept = KeptFiles(django, is_fixed=True)
    tag = (await ask(kept)).headers["ETag"]
    for _ in range(2):
        answer = await ask(kept, if_none_match=tag)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert (await ask(kept, if_none_match='"another"')).status_code == 200
    assert len(django.asked) == 3


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/static/no/such.js", "GET", {}, 404),
        (FILE, "POST", {}, 405),
        (FILE, "GET", {"range": "bytes=0-3"}, 206),
        (FILE, "GET", {"if_modified_since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        (f"{FILE}?v=1", "GET", {}, 200),
        ("/healthz-not/", "GET", {}, 404),
    ],
)
async def test_what_is_uncommon_is_asked_for_each_time(
    django: Counted, db: None, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    kept = KeptFiles(django, is_fixed=True)
    await ask(kept)
    for _ in range(2):
        assert (await ask(kept, path, method, **headers)).status_code == status
    assert len(django.asked) == 3


async def test_while_files_may_change_nothing_is_kept(django: Counted) -> None:
    kept = KeptFiles(django, is_fixed=False)
    assert [(await ask(kept)).status_code for _ in range(2)] == [200, 200]
    assert len(django.asked) == 2


async def test_it_keeps_no_more_than_it_may(django: Counted) -> None:
    size = len((await ask(django)).content)
    kept = KeptFiles(django, is_fixed=True, most_bytes=size + 2 * ENTRY_BYTES)
    for _ in range(2):
        await ask(kept)
        await ask(kept, x_forwarded_proto="https")
    assert len(django.asked) == 1 + 3  # there is room for one of the two


async def test_what_a_stranger_makes_up_takes_no_room(django: Counted) -> None:
    size = len((await ask(django)).content)
    kept = KeptFiles(django, is_fixed=True, most_bytes=size + 2 * ENTRY_BYTES)
    for made_up in "abc":
        assert (await ask(kept, if_none_match=f'"{made_up}"')).status_code == 200
        assert (await ask(kept, x_forwarded_proto=made_up)).status_code == 200
    asked = len(django.asked)
    for made_up in "abc":
        assert (await ask(kept, accept_encoding=made_up * 2 * ENTRY_BYTES)).status_code == 200
    assert len(django.asked) == asked + 1  # they are all answered by the one that is kept


@pytest.mark.parametrize(
    "coding", ["", "*", "gzip", "br", "br;q=1.0, gzip;q=0.8", "gzip, deflate, br, zstd", "GZIP", "x-gzip"]
)
async def test_codings_that_are_told_apart_are_those_that_django_tells_apart(django: Counted, coding: str) -> None:
    kept = KeptFiles(django, is_fixed=True)
    for other in ("identity", "gzip", "br", "gzip, br"):
        await ask(kept, accept_encoding=other)
    assert said(await ask(kept, accept_encoding=coding)) == said(await ask(django, accept_encoding=coding))


@pytest.mark.parametrize(
    "headers",
    [
        [("Accept-Encoding", "gzip"), ("Accept-Encoding", "identity")],
        [("Accept-Encoding", "identity, gzip\u00e9")],
        [("Accept-Encoding", "identity"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")],
    ],
)
async def test_headers_that_can_be_read_in_two_ways_decide_no_answer_of_others(
    settings: Any, headers: list[tuple[str, str]]
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    django = Counted()
    kept = KeptFiles(django, is_fixed=True)
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(kept), base_url="http://localhost") as client:
        for _ in range(2):
            assert (await client.get(FILE, headers=raw)).status_code == 200
    assert len(django.asked) == 2
    for usual in ({}, {"accept_encoding": "gzip"}, {"x_forwarded_proto": "http"}):
        assert said(await ask(kept, **usual)) == said(await ask(django, **usual))
