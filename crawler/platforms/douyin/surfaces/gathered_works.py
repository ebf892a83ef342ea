"""Works gathered from the captured answers of one list."""

from typing import ClassVar

from crawler.platforms.douyin.capture import CapturedResponses, ResponseKind
from crawler.platforms.douyin.parse.batch import ParsedBatch, ParseHealth, ParseScope
from sync.protocol.items import Content


class GatheredWorks:
    """The union of the answers of one list of works, by platform id. A subclass names the list and parses its answers.

    `over` becomes True when an answer says that it is the last; `total` is the number of works that the list claims to
    have, None while no answer says it.
    """

    KIND: ClassVar[ResponseKind]

    def __init__(self, scope: ParseScope) -> None:
        self.works: dict[str, Content] = {}
        self.health = ParseHealth()
        self.over = False
        self.total: int | None = None
        self._scope = scope
        self._answers_read = 0

    def parse(self, body: object, scope: ParseScope) -> ParsedBatch[Content]:
        """Return the works of one answer. Raises PageChanged."""
        raise NotImplementedError

    def add(self, work: Content) -> None:
        """Keep `work`. An answer may name a work again: pages repeat items when the list shifts meanwhile."""
        self.works[work.platform_id] = work

    def read(self, captured: CapturedResponses) -> int:
        """Take in the answers since the last call and return how many works they added. Raises PageChanged."""
        before = len(self.works)
        for answer in captured.of(self.KIND)[self._answers_read :]:
            self._answers_read += 1
            batch = self.parse(answer.body, self._scope)
            self.health.add(batch.health)
            for work in batch.items:
                self.add(work)
            self.over = self.over or batch.has_more is False
            self.total = batch.total if batch.total is not None else self.total
        return len(self.works) - before
