"""Says what the end of a reply was by the error that ended it. Pure."""

from typing import Final

from playwright.async_api import Error as PlaywrightError

from crawler.errors import CheckAsked, CrawlError, Kicked, LoginLost, NotPressed, PageChanged, SlowDown
from crawler.platforms.base import ReplyOutcome
from sync.protocol.reply_messages import ReplyReason

STOPPED: Final = "stopped"
BROWSER: Final = "browser"
HANDED_BACK: Final = frozenset({BROWSER, "starting"})
"""The codes of a lost browser: before the permission is asked for, another try costs nothing."""
WORKER_ENDED: Final = "worker_ended"


def outcome_of(error: BaseException, *, is_permitted: bool) -> ReplyOutcome:
    """Return how a reply ended that `error` ended.

    Before the permission nothing can have been pressed. After it only NotPressed says so; all else is unknown.
    """
    is_sure = not is_permitted or isinstance(error, NotPressed)
    return ReplyOutcome(state="failed" if is_sure else "unknown", reason=ReplyReason(code=code_of(error)))


def code_of(error: BaseException) -> str:
    """Return the code of the reason, for programs. `check`, `kicked` and `risk` keep the hub from sending on."""
    if isinstance(error, NotPressed):
        return error.code
    if isinstance(error, CheckAsked):
        return "check"
    if isinstance(error, SlowDown):
        return "risk"
    if isinstance(error, Kicked):
        return "kicked"
    if isinstance(error, LoginLost):
        return "logged_out"
    if isinstance(error, PageChanged):
        return "page_changed"
    if isinstance(error, TimeoutError):
        return "too_slow"
    if isinstance(error, CrawlError | PlaywrightError):
        return BROWSER
    return "error"
