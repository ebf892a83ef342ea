"""Reads conversations of the wire: those of the list, their settings, and the box of strangers."""

from collections.abc import Iterable

from msgspec import Struct

from crawler.platforms.douyin.im.im_pb2 import ConversationInfo, Participant, StrangerList
from crawler.platforms.douyin.im.messages import FOLDED, place_of, shown
from crawler.platforms.douyin.parse.batch import BadItem
from crawler.platforms.douyin.parse.chat import parties
from crawler.platforms.douyin.parse.fields import trimmed
from crawler.platforms.douyin.parse.users import Card


class WireConversation(Struct, frozen=True, kw_only=True):
    """A conversation as one response describes it; None: it says nothing of that.

    `badge` counts what ever came, `read_badge` how much of it was read: unread is the difference. `read_place` is the
    ordinal of the last message that the owner read. `unread` is said only of strangers.
    """

    chat_id: str
    people: tuple[Card, ...] = ()
    group_name: str | None = None
    member_count: int | None = None
    badge: int | None = None
    read_badge: int | None = None
    read_place: int | None = None
    unread: int | None = None
    is_muted: bool | None = None
    is_pinned: bool | None = None
    is_stranger: bool | None = None
    is_folded: bool | None = None


def parse_info(info: ConversationInfo) -> WireConversation:
    """Return a conversation of the list, or of its settings alone. Raises BadItem."""
    if not info.conversation_id:
        raise BadItem
    is_group = parties(info.conversation_id) is None
    setting = info.setting if info.HasField("setting") else None
    return WireConversation(
        chat_id=info.conversation_id,
        people=_people(info.first_page.participants),
        group_name=trimmed(shown(info.core.name)) if is_group else None,
        member_count=info.participants_count or None if is_group else None,
        badge=info.badge_count if info.HasField("badge_count") else None,
        read_badge=setting.read_badge_count if setting and setting.HasField("read_badge_count") else None,
        read_place=_read_place(info),
        is_muted=setting.mute if setting else None,
        is_pinned=setting.stick_on_top if setting else None,
        is_folded=setting.ext.get(FOLDED) == b"1" if setting else None,
    )


def parse_stranger(raw: StrangerList.Conversation) -> WireConversation:
    """Return a conversation of the box of strangers. Raises BadItem."""
    chat_id = raw.conversation_id or raw.last_message.conversation_id
    if not chat_id:
        raise BadItem
    return WireConversation(chat_id=chat_id, people=_people(raw.participants), unread=raw.unread, is_stranger=True)


def _people(participants: Iterable[Participant]) -> tuple[Card, ...]:
    found = (Card(uid=str(one.uid) if one.uid > 0 else None, sec_uid=one.sec_uid or None) for one in participants)
    return tuple(card for card in found if card.uid or card.sec_uid)


def _read_place(info: ConversationInfo) -> int | None:
    setting = info.setting
    if not (setting.HasField("read_index") or setting.HasField("read_index_v2")):
        return None
    return place_of(setting.read_index_v2, setting.read_index) or 0
