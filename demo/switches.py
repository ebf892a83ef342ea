"""Faults of the platform that can be switched on, per account, at start or while it runs. Pure."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

PageState = Literal["ok", "gone", "home", "moving"]
AnswerState = Literal["ok", "too_fast", "fault", "empty"]
SentKind = Literal["message", "comment"]
EditorKind = Literal["editor-kit", "slate", "draft", "unknown"]
SendOutcome = Literal[
    "ok",
    "retry_mark",
    "check_failed",
    "blocked",
    "stranger_limit",
    "too_fast",
    "private_work",
    "comment_deleted",
    "self_visible",
    "in_review",
    "never",
    "answer_lost",
    "reload_after",
    "reload_before",
    "check",
    "kick",
]
"""What becomes of a message or a comment that a page sends.

It arrives with `ok`, and with `answer_lost` and `reload_after`, where the page hears nothing of it: the connection
breaks, or the page loads anew. With all others nobody gets it.

- `reload_before`: the page loads anew before it went. `never`: no answer comes.
- `self_visible`: only its sender sees it. `in_review`: nobody sees it. The page takes both for sent.
- `retry_mark`, `check_failed`: refused without words.
- `too_fast`, `blocked`, `private_work`, `comment_deleted`, `stranger_limit` (which also comes by itself at the second
  message to somebody who never wrote): refused, with words for people.
- `check`: a check covers the page. `kick`: the session ends.
"""


class Switches(Struct, forbid_unknown_fields=True):
    """The faults of one account, at first all off. `gone`: the page answers 404.

    `home`: it redirects to the home page. `moving`: it shows, and leads away after four seconds.
    Answers are `too_fast` (the platform asks to slow down), a `fault` (HTTP 500), or `empty` (HTTP 200 without a body).
    """

    too_fast: bool = False
    """Sending a comment: 回复过于频繁，请稍后再试."""
    private_work: bool = False
    """Sending a comment on any work: 私密作品无法评论."""
    comment_deleted: bool = False
    """Answering a listed comment: it was deleted meanwhile."""
    dm_blocked: bool = False
    """Sending a private message: an alert, and nothing is sent."""
    message_outcome: SendOutcome = "ok"
    """What becomes of a private message that the page sends."""
    comment_outcome: SendOutcome = "ok"
    """What becomes of a comment that the page sends."""
    outcome_times: int = 0
    """So many sendings more end in these outcomes, then they are `ok` again; 0: until somebody switches them back."""
    send_delay_s: float = 0.3
    """The page waits so long for what became of a message or a comment. It arrives at the end."""
    editor: EditorKind = "editor-kit"
    """The editor of private messages; `unknown`: one that nobody has seen yet."""
    draft: str = ""
    """A draft that stands in every conversation as if it was left there, until the page has another one."""
    namesake_first: bool = False
    """Of conversations with people of one name, the page's list shows the older one first."""
    slow_s: float = 0.0
    """Every answer with data waits so long."""
    answers: AnswerState = "ok"
    """Every answer with data in JSON."""
    im_answers: AnswerState = "ok"
    """Every answer of the IM host; its way to ask to slow down is HTTP 429."""
    endless_pages: bool = False
    """Lists never say their end: empty pages with has_more true."""
    shifting_pages: bool = False
    """Later pages repeat the last two items of the page before."""
    empty_lists: bool = False
    """Every list is empty and says that this is all."""
    json_renamed: bool = False
    """The lists in the JSON answers have other names."""
    objects_renamed: bool = False
    """The objects in the pages have other names."""
    micro_app: bool = False
    """The page of private messages runs in a micro-app: behind a shadow root, and its stores are in a frame."""
    www_chat: PageState = "ok"
    """The page of private messages on www."""
    no_socket: bool = False
    """The socket by which pages hear of news is refused."""
    lost_frames: bool = False
    """The socket is open and says nothing of messages: only what is asked for has them."""
    cached_names: bool = False
    """Pages have the names of people already, and do not ask for them."""
    comment_page: PageState = "ok"
    """The page of comments in the creator centre."""
    new_comments: bool = False
    """The page of comments is the newer one of two that are in use: other classes, a sheet of works, a filter."""
    unanswered: bool = False
    """The newer page of comments begins with the filter that its owner left: unanswered ones only."""
    check: bool = False
    """A check covers every page until it is switched off. Its frame is there always, and hidden."""
    silent_im: bool = False
    """Pages ask for private messages in a way that nobody sees."""
    kicked: bool = False
    """The IM host ended this session: it answers JSON that says so, and pages offer to log in with one click."""
    login_flash: bool = False
    """The home page shows the login page's words for a moment before the profile."""
    phone_away: bool = False
    """The phone beside the browser confirms nothing by itself."""
    second_step: bool = False
    """A login asks for the code of a short message after the phone confirmed it."""


NO_FAULTS = Switches()


def change_switches(switches: Switches, change: dict[str, Any]) -> Switches:
    """Return a copy with `change`. Raises msgspec.ValidationError naming what is wrong."""
    return msgspec.convert({**msgspec.to_builtins(switches), **change}, Switches)


def use_outcome(switches: Switches, kind: SentKind) -> tuple[SendOutcome, Switches]:
    """Return what becomes of one sending, and the switches after it."""
    outcome = switches.message_outcome if kind == "message" else switches.comment_outcome
    if outcome == "ok" or not switches.outcome_times:
        return outcome, switches
    left = switches.outcome_times - 1
    over = {} if left else {"message_outcome": "ok", "comment_outcome": "ok"}
    return outcome, change_switches(switches, {"outcome_times": left, **over})
