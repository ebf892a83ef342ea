"""What the benchmarks read: the sample snapshot, and an account of 100,000 messages."""

import json
from pathlib import Path
from typing import Any, Final

from sync.core.changes import Sync
from sync.protocol.items import Conversation, Item, Message

SEED: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "tests" / "data" / "seed-snapshot.json").read_text("utf-8")
)["payload"]["snapshot"]["data"]
NOW: Final = 1_790_000_000_000


def a_large_account(messages: int = 100_000, conversations: int = 1_000) -> Sync:
    talks: list[Item] = [Conversation(id=f"conv_big_{n}", platform_id=str(n)) for n in range(conversations)]
    words: list[Item] = [
        Message(
            id=f"msg_big_{n}",
            platform_id=str(n),
            conversation_id=f"conv_big_{n % conversations}",
            sender_id=str(n % conversations),
            content="你好，请问这个还有货吗？",
            direction="inbound",
            created_at=NOW - n * 1000,
        )
        for n in range(messages)
    ]
    return Sync(items={"conversations": talks, "messages": words})
