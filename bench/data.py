"""The data of the benchmarks: the sample snapshot, and accounts of 100,000 messages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sync.core.change.changes import Sync
from sync.protocol.items import Conversation, Item, Message

SEED: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "tests" / "data" / "seed-snapshot.json").read_text("utf-8")
)["payload"]["snapshot"]["data"]
NOW: Final = 1_790_000_000_000
_SEED_TEXT: Final = json.dumps(SEED, ensure_ascii=False)


def a_seed(account_id: str) -> Any:
    """Return the sample as if it were of another account, on the wire."""
    return json.loads(_SEED_TEXT.replace("acc-seed", account_id))


def count_bytes(data: Any) -> int:
    """Return the size of wire items as JSON."""
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


def a_large_account(
    messages: int = 100_000,
    conversations: int = 1_000,
    say: Callable[[int], str] = lambda _number: "你好，请问这个还有货吗？",
) -> Sync:
    """Return messages spread evenly over conversations, the newest first. `say` gives the words of a message."""
    talks: list[Item] = [Conversation(id=f"conv_big_{n}", platform_id=str(n)) for n in range(conversations)]
    words: list[Item] = [
        Message(
            id=f"msg_big_{n}",
            platform_id=str(n),
            conversation_id=f"conv_big_{n % conversations}",
            sender_id=str(n % conversations),
            content=say(n),
            direction="inbound",
            created_at=NOW - n * 1000,
        )
        for n in range(messages)
    ]
    return Sync(items={"conversations": talks, "messages": words})


def a_busy_account(account_id: str, threads: int = 10_000, messages: int = 100_000, longest: int = 10_000) -> Any:
    """On the wire. The first conversation has `longest` messages, the others share the rest."""
    people = [
        {
            "id": f"conv_{account_id}_{n}",
            "conversationId": str(n),
            "userId": f"u{n}",
            "userName": f"客人 {n:05}",
            "updatedAt": NOW - n * 1000,
        }
        for n in range(threads)
    ]
    owners = [0] * longest + [1 + n % (threads - 1) for n in range(messages - longest)]
    words = [
        {
            "id": f"msg_{account_id}_{n}",
            "messageId": str(n),
            "conversationId": str(owner),
            "senderId": f"u{owner}",
            "senderName": f"客人 {owner:05}",
            "content": f"第 {n} 个问题：" + "这件还有货吗？" * (1 + n % 7),
            "direction": "outbound" if n % 5 == 0 else "inbound",
            "createdAt": NOW - n * 60_000,
        }
        for n, owner in enumerate(owners)
    ]
    return {"conversations": people, "messages": words}
