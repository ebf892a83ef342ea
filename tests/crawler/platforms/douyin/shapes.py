"""Builders of Douyin's raw shapes, exactly as documented. Keyword arguments replace top-level keys."""

from typing import Any

NOW = 1_760_100_000_000  # 2025-10-10T12:40:00Z
OWNER_UID = "1000000000000001"
OWNER_SEC = "MS4wLjABAAAAowner0000000000000000000000000000000001"
FAN_UID = "200000000002"
FAN_SEC = "MS4wLjABAAAAfan00000000000000000000000000000000002"
WORK = "7559142440960012345"
CID = "7559157902842277001"
SERVER_ID = "7559173364724540002"
TALK = f"0:1:{FAN_UID}:{OWNER_UID}"


def an_id(epoch_s: int, low: int = 1) -> str:
    """A snowflake: its upper 32 bits are epoch seconds."""
    return str((epoch_s << 32) | low)


def a_work(**changes: Any) -> dict[str, Any]:
    return {
        "aweme_id": WORK,
        "item_id": "@abCdEf0123456789==",
        "sec_item_id": "@abCdEf0123456789==",
        "desc": "第一条作品 #旅行",
        "caption": "第一条作品 #旅行",
        "create_time": 1_760_000_000,
        "duration": 15_000,
        "aweme_type": 0,
        "status": {"allow_comment": True, "is_delete": False, "is_private": False, "in_reviewing": False},
        "statistics": {"aweme_id": WORK, "play_count": 836, "digg_count": 1, "comment_count": 0, "collect_count": 0},
        "author": {"uid": OWNER_UID, "nickname": "示例账号", "avatar_thumb": {"url_list": ["https://p3.x/a.jpeg"]}},
        "author_user_id": int(OWNER_UID),
        "Cover": {"url_list": ["https://p3.douyinpic.com/cover.jpeg?x-signature=1"]},
        "video": {"duration": 15_000, "width": 720, "height": 1280},
        "images": None,
        "share_url": f"https://www.iesdouyin.com/share/video/{WORK}/?region=CN",
        "text_extra": [{"hashtag_name": "旅行"}],
    } | changes


def metrics_of(aweme_id: str, **numbers: str) -> dict[str, Any]:
    known = {"view_count": "900", "like_count": "12", "comment_count": "3", "share_count": "2", "favorite_count": "4"}
    return {"id": aweme_id, "metrics": known | {"like_rate": "0.0133"} | numbers}


def a_work_list(*works: Any, **changes: Any) -> dict[str, Any]:
    return {
        "status_code": 0,
        "aweme_list": list(works),
        "items": [],
        "has_more": False,
        "max_cursor": 1,
        "total": len(works),
        "extra": {"now": NOW},
    } | changes


def a_picker_row(**changes: Any) -> dict[str, Any]:
    return {
        "item_id_plain": WORK,
        "item_id": "@abCdEf0123456789==",
        "title": "第一条作品 #旅行\r ",
        "create_time": "发布于2025年10月09日 16:53",
        "comment_count": 3,
        "cover_image_url": "https://p3.douyinpic.com/cover.jpeg?x-signature=1",
        "duration": 27_334,
        "media_type": 4,
        "item_link": f"https://www.iesdouyin.com/share/video/{WORK}/?region=CN",
        "anchor_user_id": OWNER_UID,
    } | changes


def a_picker(*rows: Any, **changes: Any) -> dict[str, Any]:
    return {
        "status_code": 0,
        "status_msg": "",
        "item_info_list": list(rows),
        "cursor": "1760000000000",
        "has_more": False,
        "total_count": len(rows),
    } | changes


def a_user(**changes: Any) -> dict[str, Any]:
    return {
        "uid": FAN_UID,
        "sec_uid": FAN_SEC,
        "nickname": "粉丝甲",
        "unique_id": "fan2",
        "short_id": "22222",
        "avatar_thumb": {"uri": "x", "url_list": ["https://p3.douyinpic.com/fan.jpeg"]},
    } | changes


def a_comment(**changes: Any) -> dict[str, Any]:
    return {
        "cid": CID,
        "aweme_id": WORK,
        "text": "你好[赞]",
        "create_time": 1_760_003_600,
        "digg_count": 5,
        "reply_comment_total": 2,
        "level": 1,
        "status": 1,
        "reply_id": "0",
        "reply_to_reply_id": "0",
        "user": a_user(),
        "user_digged": 0,
        "label_text": "",
        "image_list": None,
        "ip_label": "黑龙江",
        "stick_position": 0,
        "reply_comment": None,
    } | changes


def a_comment_page(*comments: Any, **changes: Any) -> dict[str, Any]:
    return {
        "status_code": 0,
        "comments": list(comments),
        "cursor": len(comments),
        "has_more": False,
        "total": len(comments),
    } | changes


def a_user_card(**changes: Any) -> dict[str, Any]:
    return {
        "sec_uid": FAN_SEC,
        "unique_id": "fan2",
        "nickname": "粉丝甲",
        "avatar_thumb": {"uri": "x", "url_list": ["https://p3.douyinpic.com/fan.jpeg"]},
    } | changes


def a_message(**changes: Any) -> dict[str, Any]:
    """An inbound text on the chat page."""
    return {
        "serverId": SERVER_ID,
        "clientId": "0c1d8c3e-0000-4000-8000-000000000001",
        "conversationId": TALK,
        "conversationShortId": "7559172000000000001",
        "conversationBizType": 1,
        "sender": FAN_UID,
        "secSender": FAN_SEC,
        "isFromMe": False,
        "type": 7,
        "content": {"type": 0, "text": "你好", "is_card": False, "aweType": 700, "createdAt": 0},
        "createdAt": "2025-10-09T10:53:20.206Z",
        "ext": {"s:server_message_create_time": "1760007200265", "s:is_stranger": "false"},
        "orderInConversation": a_long("1760007200265001"),
        "indexInConversationV2": {"low": 13, "high": 0, "unsigned": False},
        "nickname": "粉丝甲",
        "avatar": "https://p3.douyinpic.com/fan.jpeg",
    } | changes


def an_own_message(**changes: Any) -> dict[str, Any]:
    """An outbound text: neither name nor picture, and `secSender` is the owner."""
    raw = a_message(serverId="7559173364724540009", sender=OWNER_UID, secSender=OWNER_SEC, isFromMe=True)
    del raw["nickname"], raw["avatar"]
    return raw | changes


def a_long(value: str) -> dict[str, Any]:
    low = int(value) % 2**32
    return {"low": low - 2**32 if low >= 2**31 else low, "high": int(value) >> 32, "unsigned": False}


def a_conversation(**changes: Any) -> dict[str, Any]:
    return {
        "id": TALK,
        "shortId": "7559172000000000001",
        "type": 1,
        "bizType": 1,
        "toParticipantUserId": FAN_UID,
        "firstPageParticipant": {
            "participants": [
                {"user_id": a_long(OWNER_UID), "sec_uid": OWNER_SEC, "ext": {}},
                {"user_id": a_long(FAN_UID), "sec_uid": FAN_SEC, "ext": {}},
            ]
        },
        "_badgeCount": 2,
        "lastMessage": a_message(content='{"text":"你好","aweType":700}'),
        "updatedAt": "2025-10-09T10:53:21.000Z",
        "participantCount": 2,
    } | changes


def a_comment_notice(**changes: Any) -> dict[str, Any]:
    inner = {
        "cid": CID,
        "text": "从通知来的评论",
        "aweme_id": WORK,
        "status": 1,
        "content_type": 1,
        "user_digged": 0,
        "user": a_user(),
        "reply_comment": None,
        "reply_to_username": "",
        "reply_to_userid": "",
        "image_list": None,
    }
    aweme = {
        "aweme_id": WORK,
        "desc": "很早的作品",
        "create_time": 1_700_000_000,
        "aweme_type": 0,
        "author_user_id": int(OWNER_UID),
        "video": {"cover": {"url_list": ["https://p3.douyinpic.com/old.jpeg"]}},
        "status": {"is_delete": False, "allow_comment": True, "is_private": False},
        "images": None,
    }
    return a_notice(31, comment={"comment": inner, "aweme": aweme, "comment_type": 1}, **changes)


def a_notice(kind: int, **changes: Any) -> dict[str, Any]:
    return {
        "nid": 7559157945791950848,
        "nid_str": "7559157945791950001",
        "type": kind,
        "create_time": 1_760_003_610,
        "has_read": False,
        "user_id": int(OWNER_UID),
    } | changes


def a_notice_page(*notices: Any, **changes: Any) -> dict[str, Any]:
    return {"status_code": 0, "notice_list_v2": list(notices)} | changes
