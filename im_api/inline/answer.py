"""An answer as it is sent: its headers and body as ASGI messages, ready to be sent any number of times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, NamedTuple

from django.http import HttpResponse

from im_api.conditional import is_known

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

NOT_MODIFIED: Final = 304
_NO_BODY: Final[Message] = {"type": "http.response.body", "body": b""}


class Recalled(NamedTuple):
    """An answer as HTTP/1.1 writes it: after the status line and the server's own headers comes `head`."""

    status: int
    head: bytes
    body: bytes


class Answer:
    """The messages of one answer. `etag`: None where a client cannot ask whether it has changed.

    `bytes`: of its body and headers.
    """

    MESSAGES: Final = 2
    """The start, and the whole body."""

    __slots__ = ("_body", "_heads", "_not_modified", "_start", "bytes", "etag", "headers")

    def __init__(self, status: int, headers: Headers, body: bytes, etag: str | None) -> None:
        self.headers = headers
        self.etag = etag
        # The headers are held as messages, and once as bytes for each status.
        self.bytes = len(body) + 3 * sum(len(name) + len(value) for name, value in headers)
        self._heads: dict[int, bytes] = {}
        self._body: Message = {"type": "http.response.body", "body": body}
        self._start = _start(status, headers)
        self._not_modified: Message | None = None

    @classmethod
    def of(cls, response: HttpResponse) -> Answer:
        """Return the answer that says what a response of Django's does."""
        etag = response.headers.get("ETag") if response.status_code == 200 else None
        return cls(response.status_code, _list_headers(response), response.content, etag)

    @classmethod
    def heard(cls, messages: Sequence[Message]) -> Answer | None:
        """Return the answer with status 200 that an application sent in these messages; None for any other, and for one
        that sets a cookie, has no ETag, or came in pieces.
        """
        if len(messages) != cls.MESSAGES or messages[0]["status"] != 200 or messages[1].get("more_body"):
            return None
        headers = [(bytes(name), bytes(value)) for name, value in messages[0]["headers"]]
        values = {name.lower(): value for name, value in headers}
        if b"etag" not in values or b"set-cookie" in values:
            return None
        return cls(200, headers, messages[1].get("body", b""), values[b"etag"].decode("latin-1"))

    async def send(self, send: Send, if_none_match: str | None, *, with_body: bool) -> bool:
        """Send the answer, or 304 to a client that has it. Return whether it was 304. Raises OSError."""
        if self._is_known(if_none_match):
            await send(self._say_not_modified())
            await send(_NO_BODY)
            return True
        await send(self._start)
        await send(self._body if with_body else _NO_BODY)
        return False

    @property
    def body(self) -> bytes:
        """Return the body of the answer."""
        body: bytes = self._body["body"]
        return body

    def recall(self, if_none_match: str | None, *, with_body: bool) -> Recalled:
        """Return what `send` would send."""
        message = self._say_not_modified() if self._is_known(if_none_match) else None
        with_body = with_body and message is None
        message = message or self._start
        status: int = message["status"]
        head = self._heads.get(status)
        if head is None:
            head = self._heads[status] = _encode_head(message["headers"])
        return Recalled(status, head, self.body if with_body else b"")

    def _say_not_modified(self) -> Message:
        if self._not_modified is None:
            self._not_modified = _start(NOT_MODIFIED, _without_body(self.headers))
        return self._not_modified

    def _is_known(self, if_none_match: str | None) -> bool:
        return if_none_match is not None and self.etag is not None and is_known(if_none_match, self.etag)


def _encode_head(headers: Headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % (name.lower(), value) for name, value in headers) + b"\r\n"


def _start(status: int, headers: Headers) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _list_headers(response: HttpResponse) -> Headers:
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    for cookie in response.cookies.values():
        headers.append((b"Set-Cookie", cookie.output(header="").strip().encode("ascii")))
    return headers


def _without_body(headers: Headers) -> Headers:
    """Return the headers of an answer that sends no body because the client has it."""
    return [(name, b"0" if name == b"Content-Length" else value) for name, value in headers if name != b"Content-Type"]
