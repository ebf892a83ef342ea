"""Gathers the comments of one work out of everything that was captured."""

from crawler.platforms.douyin.capture import CapturedResponse, CapturedResponses
from crawler.platforms.douyin.parse.batch import ParsedBatch, ParseHealth, ParseScope
from crawler.platforms.douyin.parse.comments import parse_comments
from crawler.platforms.douyin.parse.fields import digits, rows
from sync.protocol.items import Comment, Content


class WorkComments:
    """The comments of `work` by platform id.

    `over`: the list of level 1 was read to its end. `replies_open`: nothing is left folded. `is_current`: the last
    answer was about this work. `is_filtered`: it had only those that wait for an answer.
    """

    def __init__(self, work: Content, scope: ParseScope) -> None:
        self.work = work
        self.comments: dict[str, Comment] = {}
        self.health = ParseHealth()
        self.over = False
        self.replies_open = False
        self.is_current = False
        self.is_filtered = False
        self.answers = 0
        self._scope = scope
        self._read_comments = 0
        self._read_replies = 0
        self._reply_ends: dict[str, bool] = {}

    def read(self, captured: CapturedResponses) -> int:
        """Take in the answers since the last call that are about this work, and return how many comments they added."""
        before = len(self.comments)
        for answer in captured.of("comments")[self._read_comments :]:
            self._read_comments += 1
            self.is_current = _is_about(answer) == self.work.platform_id
            if self.is_current:
                self.answers += 1
                batch = parse_comments(answer.body, self._scope, self.work.platform_id)
                self.is_filtered = answer.query.get("comment_select_options", "0") not in ("", "0")
                self.over = batch.has_more is False and not self.is_filtered
                self._take(batch)
        for answer in captured.of("replies")[self._read_replies :]:
            self._read_replies += 1
            self._take_replies(answer)
        return len(self.comments) - before

    @property
    def is_whole(self) -> bool:
        """Return whether all comments and replies were read."""
        return self.over and self.replies_open and all(self._reply_ends.values())

    @property
    def was_read(self) -> bool:
        """Return whether an answer about this work came at all."""
        return self.answers > 0

    @property
    def unanswered(self) -> list[str]:
        """Return the level-1 comments that say they have replies, and whose replies were not captured."""
        return [id for id, item in self.comments.items() if item.reply_count and id not in self._reply_ends]

    def _take_replies(self, answer: CapturedResponse) -> None:
        parent = answer.query.get("comment_id")
        if parent is None or parent not in self.comments:
            return  # The answer is about another work.
        batch = parse_comments(answer.body, self._scope, self.work.platform_id, parent)
        self._reply_ends[parent] = batch.has_more is False
        self._take(batch)

    def _take(self, batch: ParsedBatch[Comment]) -> None:
        self.health.add(batch.health)
        for comment in batch.items:
            if comment.content_id == self.work.id:
                self.comments[comment.platform_id] = comment


def _is_about(answer: CapturedResponse) -> str | None:
    """Return the work that an answer is about: the one asked for, else the one its items name."""
    asked = answer.query.get("aweme_id")
    return asked or next((id for raw in rows(answer.body, "comments") if (id := digits(raw, "aweme_id"))), None)
