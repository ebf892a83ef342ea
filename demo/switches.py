"""Faults of the platform that can be switched on, per account, at start or while it runs. Pure."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

PageState = Literal["ok", "gone", "home", "moving"]


class Switches(Struct, forbid_unknown_fields=True):
    """The faults of one account, at first all off. `gone`: the page answers 404.

    `home`: it redirects to the home page. `moving`: it shows, and leads away after four seconds.
    """

    too_fast: bool = False
    """Sending a comment: 回复过于频繁，请稍后再试."""
    private_work: bool = False
    """Sending a comment on any work: 私密作品无法评论."""
    comment_deleted: bool = False
    """Answering a listed comment: it was deleted meanwhile."""
    dm_blocked: bool = False
    """Sending a private message: an alert, and nothing is sent."""
    slow_s: float = 0.0
    """Every answer with data waits so long."""
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
