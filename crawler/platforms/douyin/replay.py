"""Reads a recording of one account once more, offline: the same parsers, in the order in which everything came."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from crawler.errors import CrawlError
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin.capture import CapturedResponse, CapturedResponses, raise_for_status, read_answer
from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.im.news import parse_frame, parse_response
from crawler.platforms.douyin.im.people import parse_people
from crawler.platforms.douyin.im.unknown import list_unknown
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.batch import BadItem
from crawler.platforms.douyin.parse.chat import parse_conversation
from crawler.platforms.douyin.parse.profile import ShownProfile
from crawler.platforms.douyin.parse.users import parse_user
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces import comments, messages, notices, profile, works
from crawler.platforms.douyin.surfaces.notices import CapturedNotices
from crawler.platforms.douyin.surfaces.picker import PickedWorks
from crawler.platforms.douyin.surfaces.work_comments import WorkComments
from crawler.platforms.douyin.surfaces.works import ListedWorks
from crawler.recording.unread import Unread
from sync.protocol.messages import Surface

Line = Mapping[str, Any]


class Replay:
    """One account, read line by line. `unread` counts what no parser asked for, `failures` what could not be read."""

    def __init__(self, head: Line) -> None:
        self._now = int(head["at"])
        config = read_config({"read_notices": bool(head.get("read_notices"))}, {})
        self._state = DouyinState(str(head["account"]), None, config, lambda: self._now)
        self._captured = CapturedResponses()
        self._stored: list[object] = []
        self._shown: object = {}
        self.unread = Unread(list_unknown)
        self.failures: list[str] = []

    def read(self, line: Line) -> Iterator[SurfaceObservation]:
        """Take in one line, and yield the observation that it ends, if it does. Raises KeyError for a broken line."""
        self._now = int(line["at"])
        try:
            match line["kind"]:
                case "im":
                    self._state.inbox.take(parse_response(self._bytes(line), self._now, line["status"]))
                case "frame":
                    news = parse_frame(self._bytes(line), self._now)
                    if news is not None:
                        self._state.inbox.take(news)
                case "people":
                    self._state.inbox.meet(parse_people(self.unread.watch("people", line["body"])).items)
                case "reload":
                    self._state.inbox.begin()
                case "answer":
                    self._take_answer(line)
                case "memory":
                    self._take_memory(line["of"], line["objects"])
                case "begin":
                    self._captured, self._stored, self._shown = CapturedResponses(), [], {}
                case "end":
                    yield self._observation(line["surface"], line)
        except CrawlError as error:
            self.failures.append(f"{line.get('surface') or line['kind']}: {type(error).__name__}: {error}")

    def finish(self) -> SurfaceObservation:
        """Return what was heard of messages after the last observation."""
        return self._messages({"entry": "", "canary": "ok", "complete": False})

    def _bytes(self, line: Line) -> bytes:
        raw = base64.b64decode(line["bytes"])
        self.unread.note_wire(line.get("path") or "frame", raw)
        return raw

    def _take_answer(self, line: Line) -> None:
        raise_for_status(line["status"])
        body = read_answer(self.unread.watch(line["of"], line["body"]))
        self._captured.answers.append(CapturedResponse(kind=line["of"], query=line["query"], body=body))

    def _take_memory(self, of: str, objects: list[object]) -> None:
        state = self._state
        watched = [self.unread.watch(f"memory of {of}", one) for one in objects]
        if of == "profile":
            self._shown = objects[0] if objects else {}
        elif of == "notices":
            self._stored = watched
        elif of == "users":
            state.inbox.meet(card for raw in watched if (card := parse_user(raw)) is not None)
        elif of == "conversations":
            for raw in watched:
                try:
                    state.chats.add_conversation(parse_conversation(raw, self._now))
                except BadItem:
                    continue

    def _observation(self, surface: Surface, end: Line) -> SurfaceObservation:
        makers = {
            "profile": self._profile,
            "contents": self._contents,
            "messages": self._messages,
            "comments": self._comments,
            "notifications": self._notices,
        }
        return makers[surface](end)

    def _profile(self, _end: Line) -> SurfaceObservation:
        shown = self._shown if isinstance(self._shown, dict) else {}
        known = {key: value for key, value in shown.items() if key in ShownProfile.__struct_fields__}
        return profile.make_observation(self._state, self._now, ShownProfile(**known))

    def _contents(self, end: Line) -> SurfaceObservation:
        listed, picked = ListedWorks(self._state.scope()), PickedWorks(self._state.scope())
        listed.read(self._captured)
        picked.read(self._captured)
        return works.make_observation(
            self._state,
            self._now,
            listed,
            picked,
            captured_all=bool(end["complete"]),
            picked_all="contents" in end["ended"],
        )

    def _messages(self, end: Line) -> SurfaceObservation:
        state = self._state
        entry = EntryPage(name="", url="")
        made = messages.make_observation(
            state, entry, "responses", self._now, state.inbox.health.canary, whole=bool(end["complete"])
        )
        return replace(made, entry=end["entry"])

    def _comments(self, end: Line) -> SurfaceObservation:
        state, picked = self._state, PickedWorks(self._state.scope())
        picked.read(self._captured)
        comments.learn_owner(state, picked)
        read_works = []
        for work in picked.works.values():
            gathered = WorkComments(work, state.scope())
            gathered.read(self._captured)
            # Which folds were opened is the page's matter; the record says whether all of them were.
            gathered.replies_open = bool(end["complete"])
            if gathered.was_read:
                read_works.append(gathered)
        return comments.make_observation(state, self._now, read_works, picked, bool(end["complete"]))

    def _notices(self, end: Line) -> SurfaceObservation:
        captured = CapturedNotices(self._state.scope())
        captured.read(self._captured)
        captured.read_store(self._stored)
        return notices.make_observation(self._state, self._now, captured, bool(end["complete"]))
