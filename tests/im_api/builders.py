"""Wire items with what a test does not care about filled in. Times are ms UTC."""

from typing import Any

T0 = 1_761_800_000_000
"""When the accounts were first seen: what is later is new, not history."""
MINUTE = 60_000


def a_conversation(platform_id: str, account: str = "acc-a", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"conv_{account}_{platform_id}",
        "conversationId": platform_id,
        "type": "private",
        "userId": platform_id,
        "userName": f"Fan {platform_id}",
        **fields,
    }


def a_message(platform_id: str, conversation: str, minute: int | None, account: str = "acc-a", **fields: Any) -> Any:
    inbound = fields.get("direction", "inbound") == "inbound"
    return {
        "id": f"msg_{account}_{platform_id}",
        "messageId": platform_id,
        "conversationId": conversation,
        "senderId": conversation if inbound else "me",
        "senderName": f"Fan {conversation}" if inbound else "Shop",
        "direction": "inbound",
        "content": f"text {platform_id}",
        "createdAt": at(minute),
        **fields,
    }


def a_work(platform_id: str, account: str = "acc-a", minute: int | None = -60, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"cont_{account}_{platform_id}",
        "contentId": platform_id,
        "type": "video",
        "title": f"Work {platform_id}",
        "publishTime": at(minute),
        **fields,
    }


def a_comment(platform_id: str, work: str, minute: int | None, account: str = "acc-a", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"comm_{account}_{platform_id}",
        "commentId": platform_id,
        "contentId": work,
        "authorId": f"author-{platform_id}",
        "authorName": f"Author {platform_id}",
        "content": f"comment {platform_id}",
        "createdAt": at(minute),
        **fields,
    }


def a_notice(platform_id: str, minute: int | None, account: str = "acc-a", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"notif_{account}_{platform_id}",
        "notificationId": platform_id,
        "type": "like",
        "triggerName": f"Liker {platform_id}",
        "content": f"notice {platform_id}",
        "createdAt": at(minute),
        **fields,
    }


def at(minute: int | None) -> int | None:
    """Minutes after T0."""
    return None if minute is None else T0 + minute * MINUTE


def a_snapshot(**collections: list[dict[str, Any]]) -> dict[str, Any]:
    return {"platform": "douyin", "data": collections}
