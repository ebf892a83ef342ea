"""Threads with everything beside them: one fan of three accounts, a work, and a message of each kind."""

from __future__ import annotations

import time
from typing import Any

from tests.inbox.live_hub import seed_live
from tests.sync.histories import write_history


def seed_threads() -> None:
    """Prints the worker's token."""
    seed_live()
    now = time.time_ns() // 1_000_000
    for account_id in ("roses", "craft", "food"):
        write_history(account_id, a_talk(account_id, now), now=now)


def a_talk(account_id: str, now: int) -> dict[str, list[dict[str, Any]]]:
    conversation_id = f"conv_{account_id}_fan"
    conversation = {
        "id": conversation_id,
        "conversationId": "fan",
        "userId": "fan",
        "userName": "林小满",
        "updatedAt": now,
    }

    def message(number: int, **fields: Any) -> dict[str, Any]:
        facts = {
            "id": f"msg_{account_id}_{number}", "messageId": f"t{number}", "conversationId": conversation_id,
            "senderId": "fan", "senderName": "林小满", "direction": "inbound", "createdAt": now - 600_000 + number,
        }  # fmt: skip
        return facts | fields

    messages = [
        message(1, content="太好看了[赞][没有的]"),
        message(2, type="image", mediaUrl="https://p3.douyinpic.com/gone.jpg"),
        message(3, type="audio", duration=12),
        message(4, content="说错了", isRecalled=True),
        message(5, content="有小号吗？"),
    ]
    work = {"id": f"cont_{account_id}_1", "contentId": "1", "title": "羊毛毡第 12 天", "createdAt": now - 900_000}
    comment = {
        "id": f"comm_{account_id}_1", "commentId": "1", "contentId": "1", "authorId": "77", "authorSecId": "fan",
        "authorName": "林小满", "content": "教教我", "createdAt": now - 800_000,
    }  # fmt: skip
    return (
        {"conversations": [conversation], "messages": messages, "contents": [work], "comments": [comment]}
        if (account_id != "food")
        else {"conversations": [conversation], "messages": messages[:1]}
    )
