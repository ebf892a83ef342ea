"""Private messages: user cards (F), and the objects that live in the page's memory, behind opaque bodies (G, H, I)."""

import json
import zlib
from datetime import UTC, datetime

from demo.wire.common import Json, Links, envelope
from demo.world import DemoAccount, DemoConversation, DemoMessage, DemoPerson, World

TYPES = {"text": 7, "sticker": 5, "system": 7, "image": 27, "voice": 17, "card": 8}
AWE_TEXT, AWE_SYSTEM, AWE_CARD = 700, 701, 800
HINTS = {"image": "[图片]", "voice": "[语音]"}


def user_detail(world: World, sec_uids: list[str], links: Links) -> Json:
    """Return F: the cards asked for, in no useful order."""
    wanted = set(sec_uids)
    found = sorted((p for p in world.people.values() if p.sec_uid in wanted), key=lambda p: p.sec_uid)
    return envelope(links.now_ms, {"user_list": [user_card(p, links) for p in found]})


def user_card(person: DemoPerson, links: Links) -> Json:
    """Return one card of F."""
    return {
        "user_id": person.sec_uid,
        "user": {
            "SecretUseId": person.sec_uid,
            "ShortId": person.short_id,
            "nickname": person.nickname,
            "signature": person.signature,
            "avatar_thumb": links.avatar(person.uid),
            "ShareQrcodeUri": "",
        },
    }


def opaque(payload: Json) -> bytes:
    """Return `{1: status, 2: body}` in protobuf's encoding; the body is deflated JSON that only our own page reads."""
    squeeze = zlib.compressobj(wbits=-15)
    body = squeeze.compress(json.dumps(payload, ensure_ascii=False).encode()) + squeeze.flush()
    return b"\x08\x00\x12" + varint(len(body)) + body


def varint(number: int) -> bytes:
    """Return a number in protobuf's encoding."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def long(number: int) -> Json:
    """Return a 64-bit number as the page's library keeps it."""
    low = number & 0xFFFFFFFF
    return {"low": low - (1 << 32) if low >> 31 else low, "high": number >> 32, "unsigned": False}


def iso(ms: int) -> str:
    """Return ms UTC as ISO-8601."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def conversation(world: World, account: DemoAccount, item: DemoConversation, links: Links) -> Json:
    """Return the page's conversation object."""
    last = item.messages[-1] if item.messages else None
    group = item.kind == "group"
    uids = [*item.member_uids, account.owner.uid] if group else [item.partner_uid, account.owner.uid]
    return {
        "id": item.id,
        "shortId": item.short_id,
        "conversationShortId": item.short_id,
        "type": 2 if group else 1,
        "bizType": 1,
        "toParticipantUserId": item.partner_uid,
        "firstPageParticipant": {"participants": [participant(world.person(uid)) for uid in uids], "hasMore": False},
        "participantCount": len(uids),
        "isMember": True,
        "isOffline": False,
        "_badgeCount": item.unread,
        "lastMessage": push_message(world, account, item, last, links) if last else None,
        "updatedAt": iso(item.updated_ms),
        "coreInfo": {"name": item.name, "icon": "", "owner": account.owner.uid if group else ""},
        "isStranger": item.kind == "stranger",
    }


def participant(person: DemoPerson) -> Json:
    """Return a person as a conversation object names it."""
    return {"user_id": long(int(person.uid)), "sec_uid": person.sec_uid, "ext": {}}


def push_message(
    world: World, account: DemoAccount, conversation: DemoConversation, item: DemoMessage, links: Links
) -> Json:
    """Return a message as in the push buffer and as `lastMessage`.

    The content is a JSON string, and nothing says whose it is.
    """
    full = message(world, account, conversation, item, links)
    for name in ("isFromMe", "nickname", "avatar", "showNickName", "isLastest"):
        full.pop(name, None)
    return full | {"content": json.dumps(full["content"], ensure_ascii=False)}


def message(
    world: World, account: DemoAccount, conversation: DemoConversation, item: DemoMessage, links: Links
) -> Json:
    """Return the page's message object on the chat page.

    Name and picture stand on the other side's messages only.
    """
    sender, own = world.person(item.sender_uid), item.sender_uid == account.owner.uid
    index = conversation.messages.index(item)
    made: Json = {
        "serverId": item.server_id,
        "clientId": item.client_id,
        "conversationId": conversation.id,
        "conversationShortId": conversation.short_id,
        "conversationType": 2 if conversation.kind == "group" else 1,
        "conversationBizType": 1,
        "sender": item.sender_uid,
        "secSender": sender.sec_uid,
        "isFromMe": own,
        "type": TYPES[item.kind],
        "content": content(item, links),
        "createdAt": iso(item.created_ms),
        "ext": extensions(conversation, item),
        "serverStatus": 0,
        "source": 0,
        "isOffline": False,
        "indexInConversation": long(item.created_ms * 1000),
        "indexInConversationV2": long(index + 1),
        "orderInConversation": long(item.created_ms * 1000 + index % 1000),
        "version": long(0),
        "property": {},
        "is_recalled": item.is_recalled,
        "showNickName": False,
        "isLastest": item is conversation.messages[-1],
    }
    return made if own else made | {"nickname": sender.nickname, "avatar": links.media("avatar-100x100", sender.uid)}


def content(item: DemoMessage, links: Links) -> Json:
    """Return the content object of a message."""
    if item.kind == "image":
        address = links.media("photo", f"{item.about}-{item.server_id}")
        return {"image_url": address, "cover_width": 540, "cover_height": 720, "msgHint": HINTS["image"]}
    if item.kind == "voice":
        address = links.media("voice", item.server_id)
        return {"audio_url": address, "duration": item.duration_ms, "msgHint": HINTS["voice"]}
    if item.kind == "sticker":
        return {
            "emoji_type": "lite_emoji",
            "display_name": item.text,
            "url": {"uri": "sticker", "url_list": []},
            "aweType": 507,
        }
    return {
        "type": 0,
        "instruction_type": 0,
        "item_type_local": -1,
        "text": "" if item.is_recalled else item.text,
        "richTextInfos": [],
        "is_card": item.kind == "card",
        "msgHint": "",
        "aweType": {"system": AWE_SYSTEM, "card": AWE_CARD}.get(item.kind, AWE_TEXT),
        "createdAt": 0,
        **({"itemId": item.about, "content_title": item.text} if item.kind == "card" else {}),
    }


def extensions(conversation: DemoConversation, item: DemoMessage) -> dict[str, str]:
    """Return `ext`, whose values are all strings. The server's time is the most reliable one."""
    return {
        "s:client_message_id": item.client_id,
        "s:server_message_create_time": str(item.created_ms),
        "im_client_send_msg_time": str(item.created_ms - 120),
        "im_sdk_client_send_msg_time": str(item.created_ms - 115),
        "old_client_message_id": str(item.created_ms - 118),
        "a:relation_type": "0:0" if conversation.kind == "stranger" else "1:1",
        "s:is_stranger": "true" if conversation.kind == "stranger" else "false",
        "a:biz": "douyin",
        "chat_scene": "normal",
        "source_aid": "1128",
    }


def user_info(person: DemoPerson, links: Links) -> Json:
    """Return a person as in `userInfoFromServerMap` on www."""
    return {
        "uid": person.uid,
        "sec_uid": person.sec_uid,
        "nickname": person.nickname,
        "short_id": person.short_id,
        "unique_id": person.short_id,
        "avatar_thumb": links.avatar(person.uid),
        "avatar_small": links.avatar(person.uid),
        "signature": person.signature,
        "follow_status": 0,
        "follower_status": 1,
        "is_block": False,
        "verification_type": 0,
        "custom_verify": "",
    }
