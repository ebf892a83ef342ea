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
    write_history("dress", a_long_talk(now), now=now)


LONG = 5_000
HIT = LONG - 2_100


def a_long_talk(now: int) -> dict[str, list[dict[str, Any]]]:
    """A conversation of LONG messages, a minute apart; one far back asks for jade. Under one work somebody comments,
    and 500 answer."""
    messages = [
        {
            "id": f"long{n}", "messageId": f"long{n}", "conversationId": "long", "content": f"第 {n} 句",
            "senderId": "fan", "senderName": "老主顾", "direction": "outbound" if n % 3 else "inbound",
            "createdAt": now - (LONG - n) * 60_000 - 600_000, "isRead": True,
        }
        for n in range(1, LONG + 1)
    ]  # fmt: skip
    messages[HIT - 1]["content"] = "有没有翡翠的？"
    conversation = {"id": "long", "conversationId": "long", "userId": "fan", "userName": "老主顾", "updatedAt": now}
    comments = [
        {
            "id": f"talk{n}", "commentId": f"talk{n}", "contentId": "9", "authorId": f"a{n}", "authorName": f"Fan {n}",
            "content": f"回 {n}", "createdAt": now - 900_000 + n, **({"parentCommentId": "talk0"} if n else {}),
        }
        for n in range(501)
    ]  # fmt: skip
    comments[20]["content"] = "问琥珀"
    return {"conversations": [conversation], "messages": messages, "comments": comments}


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
