"""Writes what the pages of accounts loaded: one file per account, one JSON object per line."""

import json
import secrets
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from crawler.recording.replacing import Replacer
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

FORMAT: Final = 1


class Recorder:
    """The file of one account. `replacer` replaces what is noted before it is given here: see the platform's tape."""

    def __init__(self, file: TextIO, replacer: Replacer, clock: Clock) -> None:
        self._file, self.replacer, self._clock = file, replacer, clock

    def note(self, kind: str, **facts: Any) -> None:
        """Write one line. A full disk costs the record, never the crawl."""
        line = json.dumps({"at": self._clock(), "kind": kind, **facts}, ensure_ascii=False)
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except (OSError, UnicodeError) as error:
            log.warning("the recording lacks a line", reason=type(error).__name__)


class Recordings:
    """A folder of recordings. All accounts of one have the same secret, so that their people are the same people.

    It is kept nowhere: nothing leads back from a recording.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._secret = secrets.token_bytes(32)
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, platform: str, account_id: str, words: frozenset[str], **facts: Any) -> Recorder:
        """Begin the file of an account, and return its recorder. `facts`: what its replay must know of it."""
        replacer = Replacer(self._secret, words)
        name = f"account-{replacer.digest(account_id) % 10**8:08d}"
        file = (self._folder / f"{name}.jsonl").open("a", encoding="utf-8")
        recorder = Recorder(file, replacer, self._clock)
        recorder.note("recording", format=FORMAT, platform=platform, account=name, **facts)
        return recorder
