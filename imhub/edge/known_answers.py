"""Answers that are in memory as they are sent: the server writes them at once, without a task and messages."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from im_api.inline import Asked, InlineReads, Recalled
from imhub.edge.request_counts import RequestCounts
from imhub.edge.startup_gate import Scope

Headers = list[tuple[bytes, bytes]]


class KnownAnswers:
    """Asks the memo on behalf of the server, and counts what it answers as the application would."""

    def __init__(self, reads: InlineReads, counts: RequestCounts) -> None:
        self._reads = reads
        self._counts = counts

    def recall(self, scope: Scope, asked: Asked | None) -> tuple[Recalled | None, Asked | None]:
        """Return the answer to a request, None if the application has to make it; and what the connection is to hand in
        with its next one."""
        came = perf_counter()
        found, asked = self._reads.recall(scope, asked)
        if found is not None:
            self._counts.note(scope["method"], scope["path"], found.status, perf_counter() - came)
        return found, asked


class OwnHeaders:
    """The headers that the server adds to every answer, as bytes. They are another list each second."""

    def __init__(self) -> None:
        self._of: Headers = []
        self._encoded = b""

    def encode(self, headers: Headers) -> bytes:
        """Return these headers as HTTP/1.1 writes them."""
        if headers is not self._of:
            self._encoded = b"".join(b"%b: %b\r\n" % header for header in headers)
            self._of = headers
        return self._encoded


own_headers: Final = OwnHeaders()
