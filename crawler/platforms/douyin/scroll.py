"""Pages a list to its end, and says whether the end was really reached."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page

from crawler.platforms.douyin.capture import CapturedResponses, ResponseKind
from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.pace import Pace

_PATIENCE = 3
_MOST_PAGES = 400


class Pager:
    """Scrolls a list until it says that it is over, brings nothing three times, or brings nothing new three times.

    A list that keeps saying `has_more` with empty or repeated pages must not hold us; nor is its end reached.
    """

    def __init__(self, page: Page, captured: CapturedResponses, kind: ResponseKind, config: Config, pace: Pace) -> None:
        self._page, self._captured, self._kind = page, captured, kind
        self._config, self._pace = config, pace

    async def run(
        self, count_new: Callable[[], int], is_over: Callable[[], bool], scroll: Callable[[Page], Awaitable[object]]
    ) -> bool:
        """Scroll to the end, and return whether it was reached.

        `count_new` reads the answers so far and returns how many ids they added since the last call. Raises as
        `CapturedResponses.of` does.
        """
        silent = barren = 0
        count_new()
        for _ in range(_MOST_PAGES):
            if is_over():
                return True
            if silent >= _PATIENCE or barren >= _PATIENCE:
                return False
            before = len(self._captured.of(self._kind))
            await scroll(self._page)
            idle = self._pace.settle(3.0)
            if await self._captured.wait(self._kind, before, idle, self._config.answer_s):
                silent, barren = 0, 0 if count_new() else barren + 1
                await self._pace.pause(0.5)
            else:
                silent += 1
        return False
