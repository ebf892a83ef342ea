"""Keeps on disk what permission was asked for and how it ended, until the hub has it.

The file can be read by the worker's user alone, and holds no text of a reply.
"""

import os
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from crawler.platforms.base import ReplyOutcome
from crawler.replies.outcomes import STOPPED, WORKER_ENDED
from sync.protocol.reply_messages import ReplyReason, ReplyRequest, ReplyResult
from sync.protocol.text import well_formed_struct

log = structlog.get_logger(__name__)

LOST: Final = ReplyOutcome(state="unknown", reason=ReplyReason(code=WORKER_ENDED))
"""The end of a reply that was permitted when the worker ended: nobody saw whether its key was pressed."""
UNPRESSED: Final = ReplyOutcome(state="failed", reason=ReplyReason(code=STOPPED))
"""The end of a reply for which the worker had asked and got no permission when it ended."""


class Entry(Struct, frozen=True, kw_only=True):
    """A reply of one attempt. `may_be_pressed`: its key, by now. `result`: None while it is under way."""

    reply_id: str
    attempt: int
    may_be_pressed: bool = True
    result: ReplyResult | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Return what tells it from others."""
        return self.reply_id, self.attempt


class ReplyJournal:
    """The replies that the hub must hear of. Every change is on disk when its method returns.

    `path`: None keeps them in memory only. What was under way when the worker ended has the result LOST or UNPRESSED.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._entries = {entry.key: entry for entry in _read(path)}
        for entry in list(self._entries.values()):
            if entry.result is None:
                end = LOST if entry.may_be_pressed else UNPRESSED
                self._entries[entry.key] = replace(entry, result=make_result(entry.reply_id, entry.attempt, end))

    def asked(self, request: ReplyRequest) -> None:
        """Keep that permission is asked for: the hub may give it to a worker that has ended meanwhile. Raises OSError.

        In a window a person may press the key unasked.
        """
        self._begin(request, may_be_pressed=request.mode == "window")

    def permitted(self, request: ReplyRequest) -> None:
        """Keep that the reply may be pressed from now on. Raises OSError: then it must not be."""
        self._begin(request, may_be_pressed=True)

    def _begin(self, request: ReplyRequest, *, may_be_pressed: bool) -> None:
        entry = Entry(reply_id=request.reply_id, attempt=request.attempt, may_be_pressed=may_be_pressed)
        self._entries[entry.key] = entry
        self._write()

    def ended(self, request: ReplyRequest, outcome: ReplyOutcome) -> None:
        """Keep how it ended. A disk that is full does not keep the hub from hearing of it."""
        result = make_result(request.reply_id, request.attempt, outcome)
        entry = Entry(reply_id=request.reply_id, attempt=request.attempt, result=result)
        self._entries[entry.key] = entry
        try:
            self._write()
        except OSError as error:
            log.error("the result of a reply could not be kept", reply=request.reply_id, reason=str(error))

    def forget(self, result: ReplyResult) -> None:
        """Drop a result that the hub has."""
        if self._entries.pop((result.reply_id, result.attempt or 0), None) is not None:
            try:
                self._write()
            except OSError as error:
                log.warning("a reply is kept that the hub knows of", reply=result.reply_id, reason=str(error))

    def results(self) -> list[ReplyResult]:
        """Return what the hub does not have yet, oldest first."""
        return [entry.result for entry in self._entries.values() if entry.result is not None]

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.json.encode(list(self._entries.values())))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, self._path)


def make_result(reply_id: str, attempt: int, outcome: ReplyOutcome) -> ReplyResult:
    """Return an end as it goes over the wire."""
    return ReplyResult(
        reply_id=reply_id,
        attempt=attempt,
        state=outcome.state,
        reason=well_formed_struct(outcome.reason) if outcome.reason is not None else None,
        confirmed_platform_id=outcome.confirmed_platform_id,
        evidence=outcome.evidence,
    )


def _read(path: Path | None) -> list[Entry]:
    if path is None or not path.exists():
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Entry])
    except (OSError, msgspec.MsgspecError) as error:
        log.error("the file of replies is damaged: the hub will call them unknown", file=str(path), reason=str(error))
        return []
