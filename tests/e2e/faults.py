"""The faults of the platform that the demo can show to whoever reads it, and what people are told meanwhile.

Faults of sending are held in `test_reply_switches.py`, those of a login in `test_login.py`. `docs/platform-faults.md`
has this table for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from demo.switches import Switches
from tests.e2e.said import expected
from tests.every_state import EVERY_STATE, StateRow

FINE: Final = "fine"
ROWS: Final[Mapping[str, StateRow]] = {row.cause: row for row in EVERY_STATE}
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Fault(NamedTuple):
    """`name` is also the account's. `by`: what happens at the platform. `rows`: what is said then, by names in the
    table of tests/data/every_state.json; one of several. `reason`: what is said of it, in English and Chinese, whatever
    surface met it first. `is_anew`: only a page of messages that is loaded meanwhile has it. `pace`: what the card says
    beside the messages. `text`: what a fan writes meanwhile. `comment`: more about the fan's comment. `more`: so many
    comments are there before. `gone`: so many of them are deleted meanwhile. `is_resumed`: when it is over, the owner
    pauses the account and lets it go on.
    """

    name: str
    by: str
    switches: Mapping[str, Any] = _NOTHING
    rows: tuple[str, ...] = (FINE,)
    reason: tuple[str, str] = ("", "")
    is_anew: bool = False
    pace: str = ""
    text: str = ""
    comment: Mapping[str, Any] = _NOTHING
    more: int = 0
    gone: int = 0
    is_resumed: bool = False

    @property
    def is_calm(self) -> bool:
        """Return whether nobody is to hear of it."""
        return self.rows == (FINE,)

    @property
    def row(self) -> StateRow:
        """Return the row that is told for people."""
        return ROWS[self.rows[0]]


_CHANGED: Final = ("page_moved", "lists_renamed")
_UNREADABLE: Final = ("one_page_changed", "all_pages_changed")
_AGAIN: Final = ("tries_again",)
_BROKEN: Final = ("Douyin has a fault at the moment.", "抖音暂时出了故障。")
_SLOWER: Final = ("Douyin asks the computer to be slower.", "抖音提示操作过于频繁，读取会放慢。")
_STUCK: Final = ("A page does not open.", "页面打不开。")
_RESPONSES: Final = "by responses"
_CODES: Final = "验证码发我一下，请稍后再试，一键登录怎么用？安全验证"
GROUPS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "check": (
        Fault("check", "a check covers every page", {"check": True}, ("asks_for_a_check",)),
        Fault("kicked", "the session is ended because of another login", {"kicked": True, "phone_away": True},
              ("login_lost",)),
        Fault("expired", "the owner is logged out", {"expired_session": True, "phone_away": True}, ("login_lost",)),
        Fault("flash", "the login's words flash before the profile", {"login_flash": True}),
        Fault("comments_gone", "the page of comments is gone (404)", {"comment_page": "gone"}, _CHANGED),
        Fault("comments_home", "the page of comments leads to the home page", {"comment_page": "home"}, _CHANGED),
    ),
    "silent_im": (
        Fault("silent_im", "messages are loaded where nobody sees it", {"silent_im": True}, is_anew=True,
              pace=_RESPONSES),
        Fault("micro_app", "messages that nobody sees loaded stand in a micro-app, behind a shadow root",
              {"silent_im": True, "micro_app": True}, is_anew=True, pace=_RESPONSES),
        Fault("drawer", "messages are loaded where nobody sees it, and only the drawer of the home page has them",
              {"silent_im": True, "www_chat": "gone"}, is_anew=True, pace=_RESPONSES),
        Fault("memory", "messages are loaded where nobody sees it, and the objects behind their rows have other names",
              {"silent_im": True, "objects_renamed": True}, _UNREADABLE, is_anew=True),
        Fault("no_socket", "the websocket is refused", {"no_socket": True}, is_anew=True, pace=_RESPONSES),
        Fault("lost_frames", "the websocket is open and says nothing of messages", {"lost_frames": True}),
    ),
    "chat_moving": (
        Fault("chat_gone", "the page of messages is gone (404)", {"www_chat": "gone"}, is_anew=True),
        Fault("chat_home", "the page of messages leads to the home page", {"www_chat": "home"}, is_anew=True),
        Fault("chat_moving", "the page of messages leads away after four seconds", {"www_chat": "moving"},
              is_anew=True),
        Fault("cached_names", "pages know people's names, and do not ask for them", {"cached_names": True},
              is_anew=True),
        Fault("objects", "the objects in the pages have other names", {"objects_renamed": True}, is_anew=True),
        Fault("codes", "fans write of codes, checks and logins", text=_CODES),
    ),
    "comments_moving": (
        Fault("comments_moving", "the page of comments leads away after four seconds", {"comment_page": "moving"},
              _CHANGED),
        Fault("new_comments", "the page of comments is the newer one of two", {"new_comments": True}),
        Fault("unanswered", "the newer page of comments shows unanswered ones only",
              {"new_comments": True, "unanswered": True}),
        Fault("shifting", "lists change while they are read: pages repeat what was on the one before",
              {"shifting_pages": True}, more=25),
        Fault("folded", "a comment is folded away", comment={"is_folded": True}),
        Fault("deleted", "a comment is deleted: it is in no list any more", gone=1),
    ),
    "lists": (
        Fault("endless", "lists never say their end", {"endless_pages": True}, is_anew=True),
        Fault("slow", "every answer takes three seconds", {"slow_s": 3.0}, is_anew=True),
        Fault("stuck", "every answer takes forty seconds", {"slow_s": 40.0}, _AGAIN, _STUCK, is_anew=True),
        Fault("nothing", "every list is empty", {"empty_lists": True}, (*_UNREADABLE, *_CHANGED), is_anew=True),
        Fault("renamed", "every list has another name", {"json_renamed": True}, (*_UNREADABLE, *_CHANGED),
              is_anew=True),
    ),
    "silence": (
        Fault("fault", "lists answer HTTP 500", {"answers": "fault"}, _AGAIN, _BROKEN),
        Fault("im_fault", "messages answer HTTP 500", {"im_answers": "fault"}, _AGAIN, _BROKEN),
        Fault("empty", "lists answer nothing at all", {"answers": "empty"}, _CHANGED),
        Fault("im_empty", "messages answer nothing at all", {"im_answers": "empty"}, _UNREADABLE),
        Fault("too_fast", "the platform says that all goes too fast", {"answers": "too_fast"}, _AGAIN, _SLOWER,
              is_resumed=True),
        Fault("im_too_fast", "messages answer that all goes too fast (429)", {"im_answers": "too_fast"}, _AGAIN,
              _SLOWER, is_resumed=True),
    ),
}  # fmt: skip
FAULTS: Final = tuple(fault for group in GROUPS.values() for fault in group)
_SENDING: Final = "a reply that is sent ([sending.md](sending.md)): `tests/e2e/test_reply_switches.py`"
_LOGIN: Final = "a login: `tests/e2e/test_login.py`"
_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("too_fast", "private_work", "comment_deleted", "message_outcome", "comment_outcome"), _SENDING
        ),
        **dict.fromkeys(("send_delay_s", "editor", "draft", "namesake_first", "dm_blocked", "outcome_times"), _SENDING),
        "second_step": _LOGIN,
    }
)
"""Where a switch is shown that no fault has."""


def lines_of_switches() -> list[str]:
    """Return the rows of the table of all switches in `docs/platform-faults.md`. Raises KeyError for one that nothing
    shows."""
    lines = []
    for name in (*Switches.__struct_fields__, "expired_session"):
        shown = [fault.by for fault in FAULTS if name in fault.switches]
        lines.append(f"| `{name}` | {'; '.join(shown) or _ELSEWHERE[name]} |")
    return lines


def lines_of_docs() -> list[str]:
    """Return the rows of the table in `docs/platform-faults.md`."""
    return [f"| {fault.by} | {_words(fault, 'en')} | {_words(fault, 'zh-hans')} | {_when(fault)} |" for fault in FAULTS]


def _when(fault: Fault) -> str:
    if fault.is_resumed:
        return "after a quarter of an hour at the earliest, or when its owner pauses it and lets it go on"
    return "at once or with the next look" if fault.is_calm else "at the latest when it is over"


def _words(fault: Fault, language: str) -> str:
    if fault.is_calm:
        return "–"
    said = expected(fault.row, language)
    reason = fault.reason[language != "en"] or said.why
    return f"{said.state}. {reason}".removesuffix(". ")
