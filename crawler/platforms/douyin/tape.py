"""Notes what the pages of one account loaded and showed, without whose it was. Without a recorder it notes nothing."""

import base64
import json
from collections.abc import Sequence
from typing import Final

from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin.im.messages import FOLDED
from crawler.platforms.douyin.im.replacing import replace_frame, replace_response
from crawler.recording.recorder import Recorder
from sync.protocol.messages import Surface

WORDS: Final = frozenset({"抖音号", "作者", "aweme", "detail", "commodity", "id", FOLDED})
"""Words of the platform that the parsers look for in texts."""
_ASKED: Final = ("aweme_id", "comment_id", "cursor", "count", "comment_select_options")
"""The parts of a query that say what was asked for. All others are left out: tokens and signatures are among them."""


class Tape:
    """Keeps what came of one account, in the order in which it came."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._recorder = recorder

    def begin(self, surface: Surface) -> None:
        """Note that an observation of `surface` begins."""
        if self._recorder is not None:
            self._recorder.note("begin", surface=surface)

    def end(self, observation: SurfaceObservation) -> None:
        """Note how an observation ended, and how much it gave."""
        if self._recorder is not None:
            self._recorder.note(
                "end",
                surface=observation.surface,
                entry=observation.entry,
                canary=observation.canary,
                complete=observation.complete,
                ended=sorted(observation.ended),
                given={name: len(items) for name, items in observation.items.items()},
            )

    def failed(self, surface: Surface, error: Exception) -> None:
        """Note that an observation failed. Its words are ours, never a page's."""
        if self._recorder is not None:
            self._recorder.note("failed", surface=surface, error=type(error).__name__)

    def reload(self) -> None:
        """Note that the page of messages is about to be loaded."""
        if self._recorder is not None:
            self._recorder.note("reload")

    def answer(self, of: str, query: dict[str, str], body: bytes, status: int) -> None:
        """Note an answer in JSON."""
        if self._recorder is not None:
            replacer = self._recorder.replacer
            asked = {key: replacer.text(query[key]) for key in _ASKED if key in query}
            self._recorder.note("answer", of=of, query=asked, status=status, body=self._json(body))

    def people(self, body: bytes, status: int) -> None:
        """Note an answer with cards of people."""
        if self._recorder is not None:
            self._recorder.note("people", status=status, body=self._json(body))

    def im(self, path: str, body: bytes, status: int) -> None:
        """Note an answer of the IM host. `path`: of its address."""
        if self._recorder is not None:
            replaced = replace_response(body, self._recorder.replacer)
            self._recorder.note("im", path=path, status=status, bytes=base64.b64encode(replaced).decode())

    def frame(self, frame: bytes | str) -> None:
        """Note a frame of the socket. Those of text bring no messages and are left out."""
        if self._recorder is not None and isinstance(frame, bytes):
            replaced = replace_frame(frame, self._recorder.replacer)
            self._recorder.note("frame", bytes=base64.b64encode(replaced).decode())

    def memory(self, of: str, objects: Sequence[object]) -> None:
        """Note objects that a page keeps behind its elements, or texts that it shows."""
        if self._recorder is not None:
            self._recorder.note("memory", of=of, objects=self._recorder.replacer.json(list(objects)))

    def _json(self, body: bytes) -> object:
        """Return the JSON of an answer with everything replaced, None for what is no JSON."""
        if self._recorder is None:
            return None
        try:
            return self._recorder.replacer.json(json.loads(body.decode("utf-8-sig", "replace")))
        except (ValueError, RecursionError):
            return None
