"""What the tests of the worker socket send and ask."""

import json
from pathlib import Path
from typing import Any

from channels.db import database_sync_to_async

SEED = json.loads((Path(__file__).parents[2] / "data" / "seed-snapshot.json").read_text("utf-8"))
DATA: dict[str, Any] = SEED["payload"]["snapshot"]["data"]
NOW = 1_790_000_000_000


def a_message(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"msg_a_{number}",
        "messageId": str(number),
        "conversationId": "7",
        "senderId": "7",
        "content": f"text {number}",
        "createdAt": NOW + number,
        **fields,
    }


async def in_db(work: Any, *args: Any) -> Any:
    return await database_sync_to_async(work)(*args)
