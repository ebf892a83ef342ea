"""The messages of a conversation as bubbles, with the lines between them: days, and where the unread ones begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext
from msgspec import Struct

from im_api import shapes
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import isolate
from inbox.pages.pictures import allowed_picture
from sync.protocol.text import is_blank

RUN_MS: Final = 5 * formatting.MINUTE
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_ICONS: Final = {"audio": "voice", "video": "video", "file": "file", "link": "link", "card": "card"}


class MessageBubble(Struct, frozen=True, kw_only=True):
    """A message. `kind`: text, image, sticker, tile, removed, recalled, system. `day`, `from_here`, `speaker`: lines
    above it; `speaker` says who wrote it, where several people write. `time`: stands under the last message of a run.
    `picture`, `large`: addresses of the small and the large one."""

    id: str
    kind: str
    is_own: bool
    is_unread: bool
    text: str
    detail: str = ""
    icon: str = ""
    picture: str | None = None
    large: str | None = None
    time: str = ""
    day: str = ""
    from_here: int = 0
    speaker: str = ""


def make_messages(
    messages: Sequence[shapes.MessageShape],
    now: int,
    line_at: str | None,
    *,
    is_group: bool = False,
    recalled: Mapping[str, str] = NOTHING,
) -> Iterator[MessageBubble]:
    """Yield the bubbles of `messages`, oldest first. `now`: ms UTC. `line_at`: see `read_conversation`. `is_group`:
    whether several people write, so that each needs a name. `recalled`: by id, the words of messages that were
    recalled after they were read here."""
    line = line_at or next((m.msg_id for m in messages if not m.is_read), None)
    ids = [m.msg_id for m in messages]
    unread = sum(_counts(m) for m in messages[ids.index(line) :]) if line in ids else 0
    day = ""
    for index, message in enumerate(messages):
        after = messages[index + 1] if index + 1 < len(messages) else None
        before = messages[index - 1] if index else None
        this_day = formatting.format_day(message.create_time, now) if message.create_time is not None else day
        yield _make_bubble(
            message,
            message.content or recalled.get(message.msg_id, ""),
            day=this_day if this_day != day else "",
            from_here=unread if message.msg_id == line else 0,
            speaker=_speaker(message, before) if is_group else "",
            time="" if after is not None and _goes_on(message, after, is_group) else _format_when(message),
        )
        day = this_day


def _speaker(message: shapes.MessageShape, before: shapes.MessageShape | None) -> str:
    """Return the name above a message of a group: none above our own, nor where the same person goes on."""
    goes_on = before is not None and _goes_on(before, message, is_group=True)
    if message.direction == "outbound" or message.msg_type == "system" or goes_on:
        return ""
    if message.is_recalled or message.is_deleted:
        return ""
    return formatting.format_person(message.sender.user_id, message.sender.user_name)


def _goes_on(message: shapes.MessageShape, after: shapes.MessageShape, is_group: bool) -> bool:
    """Tell whether both are of one run, and of a group by the same person."""
    return _one_run(message, after) and (not is_group or message.sender.user_id == after.sender.user_id)


def _counts(message: shapes.MessageShape) -> bool:
    """Tell whether the message is one that a row counts while unread; it stays so once it was read."""
    is_theirs = message.direction != "outbound" and message.msg_type != "system"
    return is_theirs and not message.is_recalled and not message.is_deleted


def _one_run(message: shapes.MessageShape, after: shapes.MessageShape) -> bool:
    if message.create_time is None or after.create_time is None or message.direction != after.direction:
        return False
    is_by_another = message.answered_by != after.answered_by
    if is_by_another or message.is_automatic != after.is_automatic or "system" in (message.msg_type, after.msg_type):
        return False
    same_day = formatting.to_local(message.create_time).date() == formatting.to_local(after.create_time).date()
    return same_day and after.create_time - message.create_time <= RUN_MS and not (message.is_recalled)


def _format_when(message: shapes.MessageShape) -> str:
    if message.create_time is None:
        return ""
    clock = formatting.format_clock(message.create_time)
    if message.msg_type == "system":
        return ""
    if message.direction != "outbound":
        return clock
    if message.is_automatic:
        return gettext("Automatic reply · %(time)s") % {"time": clock}
    if message.answered_by:
        return gettext("%(name)s · sent %(time)s") % {"name": isolate(message.answered_by), "time": clock}
    return gettext("Me · %(time)s · replied on %(platform)s") % {
        "time": clock,
        "platform": formatting.format_platform(message.platform),
    }


def _make_bubble(message: shapes.MessageShape, words: str, **lines: Any) -> MessageBubble:
    name = formatting.format_person(message.sender.user_id, message.sender.user_name)
    own = message.direction == "outbound"
    text, kind, picture = with_emoji(words, message.platform), "text", None
    if message.is_deleted:
        kind, text = "removed", gettext("This message was removed from the inbox")
    elif message.is_recalled:
        who = gettext("I") if own else isolate(name)
        kind, detail = "recalled", gettext("%(name)s recalled a message") % {"name": who}
        return _bubble(message, kind, text, detail=detail, **lines)
    elif message.msg_type == "system":
        kind, text = "system", text or formatting.format_placeholder(message.msg_type)
    elif message.msg_type in ("image", "sticker"):
        picture = allowed_picture(message.media_thumbnail or message.media_url)
        kind = ("sticker" if message.msg_type == "sticker" else "image") if picture is not None else "tile"
        lines["large"] = allowed_picture(message.media_url) or picture
        text = text or formatting.format_placeholder(message.msg_type)
    elif message.msg_type not in ("text", "other") or is_blank(text):
        text = "" if is_blank(text) else text
        kind, text = "tile", text or message.file_name or formatting.format_placeholder(message.msg_type)
        text = text or gettext("[A message without words]")
    return _bubble(message, kind, text, picture=picture, detail=_detail(message) if kind == "tile" else "", **lines)


def _bubble(message: shapes.MessageShape, kind: str, text: str, **more: Any) -> MessageBubble:
    return MessageBubble(
        id=message.msg_id,
        kind=kind,
        is_own=message.direction == "outbound",
        is_unread=not message.is_read,
        text=text,
        icon=_ICONS.get(message.msg_type, "picture"),
        **more,
    )


def _detail(message: shapes.MessageShape) -> str:
    parts = []
    if message.duration:
        parts.append(f"{round(message.duration)}″")
    if message.file_size:
        parts.append(f"{message.file_size / 1024:,.0f} KB")
    return " · ".join(parts)
