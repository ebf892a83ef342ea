"""Parses message and conversation objects of the page's memory, as far as one object alone can say.

Who the other party is often stands elsewhere: `chat_assembler.py` makes items of these once it is known.
"""

from collections.abc import Iterable

from msgspec import Struct

from crawler.platforms.douyin.parse.batch import BadItem
from crawler.platforms.douyin.parse.fields import (
    Raw,
    count,
    decoded,
    digits,
    flag,
    get,
    ident,
    is_raw,
    long_id,
    name,
    rows,
    snowflake_time,
    text,
    time_ms,
    url,
)
from crawler.platforms.douyin.parse.users import Card
from sync.protocol.items import MessageType

# The platform's own lines in a conversation ("you follow each other now").
_SYSTEM_NOTICE = 701
_TEXT, _STICKER = 7, 5
_SELF_VISIBLE = -3
_MEDIA: tuple[tuple[MessageType, tuple[str, ...]], ...] = (
    ("image", ("image_url",)),
    ("video", ("video_url",)),
    ("audio", ("audio_url",)),
    ("file", ("file_url", "file_name", "fileName")),
)


class ParsedMessage(Struct, frozen=True, kw_only=True):
    """One message object.

    `chat_id` is its conversationId, `order` the platform's own sort key, `created_at` ms UTC, `file_size` bytes,
    `duration` seconds, `place` its ordinal in the conversation, `is_stranger`: that was a stranger's then.
    `is_kept_back`: the platform shows it to its sender alone.
    """

    platform_id: str
    chat_id: str
    sender: Card
    from_me: bool | None
    is_notice: bool
    is_recalled: bool
    type: MessageType
    content: str | None
    created_at: int | None
    order: str | None = None
    media_url: str | None = None
    thumbnail_url: str | None = None
    file_name: str | None = None
    file_size: int | None = None
    duration: float | None = None
    reply_to: str | None = None
    place: int | None = None
    is_stranger: bool | None = None
    is_kept_back: bool = False


class ParsedConversation(Struct, frozen=True, kw_only=True):
    """One conversation object.

    `people` are the participants it names, both parties among them; `updated_at` is ms UTC.
    """

    chat_id: str
    is_group: bool
    other_uid: str | None
    people: tuple[Card, ...]
    group_name: str | None
    member_count: int | None
    unread_count: int | None
    is_pinned: bool | None
    is_muted: bool | None
    last: ParsedMessage | None
    updated_at: int | None
    is_stranger: bool | None = None
    is_folded: bool | None = None


def parties(chat_id: str) -> tuple[str, str] | None:
    """Return the two uids in `0:1:<uid>:<uid>`, in no particular order, or None for a group."""
    parts = chat_id.split(":")
    if len(parts) != 4 or parts[1] != "1" or not (parts[2].isdigit() and parts[3].isdigit()):
        return None
    return parts[2], parts[3]


def parse_message(raw: object, now: int) -> ParsedMessage:
    """Return a message object of the chat page, the push buffer or `lastMessage`. `now` is ms UTC. Raises BadItem."""
    platform_id, chat_id = digits(raw, "serverId"), ident(raw, "conversationId")
    if platform_id is None or chat_id is None or not isinstance(raw, dict):
        raise BadItem
    content = decoded(get(raw, "content"))
    kind = _kind(raw, content)
    return ParsedMessage(
        platform_id=platform_id,
        chat_id=chat_id,
        sender=_sender(raw),
        from_me=flag(raw, "isFromMe"),
        is_notice=count(content, "aweType") == _SYSTEM_NOTICE,
        is_recalled=_recalled(raw),
        type="system" if count(content, "aweType") == _SYSTEM_NOTICE else kind,
        content=_words(content, kind),
        created_at=_created(raw, platform_id, now),
        order=_order(raw),
        media_url=_media(raw, content, kind),
        thumbnail_url=url(content, "thumbnail_url") or url(raw, "thumbnailUrl"),
        file_name=name(content, "file_name") or name(content, "fileName") or name(raw, "fileName"),
        file_size=count(content, "file_size") or count(raw, "fileSize"),
        duration=_seconds(content, kind),
        reply_to=digits(raw, "replyToMessageId"),
        is_kept_back=get(raw, "flightStatus") == _SELF_VISIBLE,
    )


def parse_conversation(raw: object, now: int) -> ParsedConversation:
    """Return a conversation object of a list row or of the page's message store. `now` is ms UTC. Raises BadItem."""
    chat_id = ident(raw, "id") or ident(raw, "conversationId")
    if chat_id is None:
        raise BadItem
    core = get(raw, "coreInfo")
    return ParsedConversation(
        chat_id=chat_id,
        is_group=parties(chat_id) is None,
        other_uid=digits(raw, "toParticipantUserId"),
        people=tuple(_people(raw)),
        group_name=name(core, "name"),
        member_count=count(raw, "participantCount"),
        unread_count=count(raw, "_badgeCount"),
        is_pinned=flag(raw, "isPinned"),
        is_muted=flag(raw, "isMuted"),
        last=_last(raw, chat_id, now),
        updated_at=time_ms(get(raw, "updatedAt"), now),
    )


def _people(raw: object) -> Iterable[Card]:
    other, other_sec = digits(raw, "toParticipantUserId"), ident(raw, "toParticipantSecUserId")
    if other is not None and other_sec is not None:
        yield Card(uid=other, sec_uid=other_sec)
    listed = rows(raw, "firstPageParticipant", "participants") or rows(raw, "participants")
    for person in listed:
        uid = long_id(person, "user_id") or digits(person, "uid")
        sec_uid = ident(person, "sec_uid") or ident(person, "secUid")
        if uid is not None or sec_uid is not None:
            yield Card(uid=uid, sec_uid=sec_uid, nickname=name(person, "nickname"))


def _last(raw: object, chat_id: str, now: int) -> ParsedMessage | None:
    for path in (("lastMessage",), ("_lastMessage",), ("coreInfo", "lastMessage")):
        found = get(raw, *path)
        if isinstance(found, dict):
            try:
                return parse_message({"conversationId": chat_id, **found}, now)
            except BadItem:
                continue
    return None


def _sender(raw: Raw) -> Card:
    """Return who sent it.

    `sender` is a uid, or on www an object; only the other side's messages have name and picture.
    """
    sender = get(raw, "sender")
    if is_raw(sender):
        return Card(
            uid=ident(sender, "uid"),
            sec_uid=ident(sender, "secUid") or ident(raw, "secSender"),
            nickname=name(sender, "nickName"),
            avatar=url(sender, "avatarThumb"),
        )
    return Card(
        uid=digits(raw, "sender"),
        sec_uid=ident(raw, "secSender"),
        nickname=name(raw, "nickname"),
        avatar=url(raw, "avatar"),
    )


def _kind(raw: Raw, content: object) -> MessageType:
    number = count(raw, "type")
    if number == _STICKER:
        return "sticker"
    if number != _TEXT:
        for kind, keys in _MEDIA:
            if any(get(content, key) for key in keys):
                return kind
    if flag(content, "is_card"):
        return "card"
    return "text" if _plain(content) is not None else "other"


def _plain(content: object) -> str | None:
    return content if isinstance(content, str) else text(content, "text")


def _words(content: object, kind: MessageType) -> str | None:
    return name(content, "display_name") if kind == "sticker" else _plain(content)


def _media(raw: Raw, content: object, kind: MessageType) -> str | None:
    if kind == "sticker":
        return url(content, "url")
    for key in (f"{kind}_url", "media_url"):
        if (found := url(content, key)) is not None:
            return found
    return url(raw, "media", "url")


def _seconds(content: object, kind: MessageType) -> float | None:
    """Return how long a voice message or a video is. The platform counts milliseconds."""
    milliseconds = count(content, "duration") if kind in ("audio", "video") else None
    return milliseconds / 1000 if milliseconds is not None else None


def _created(raw: Raw, platform_id: str, now: int) -> int | None:
    """Return ms UTC, from the most reliable source: `ext` has the server's, `createdAt` the page's, the id seconds."""
    for value in (get(raw, "ext", "s:server_message_create_time"), get(raw, "createdAt")):
        if (found := time_ms(value, now)) is not None:
            return found
    return snowflake_time(platform_id, now)


def _order(raw: Raw) -> str | None:
    """Return `orderInConversation`, or None where it is missing or no positive number."""
    found = long_id(raw, "orderInConversation")
    return found if found is not None and found.isdigit() and found != "0" else None


def _recalled(raw: Raw) -> bool:
    marks = (flag(raw, "isRecalled"), flag(raw, "is_recalled"))
    return any(marks) or text(raw, "ext", "s:is_recalled") == "true"
