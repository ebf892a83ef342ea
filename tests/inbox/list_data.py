"""A long list for the browser tests of rows: one account with hundreds of people, all of whom wait."""

from __future__ import annotations

import time

from sync.models import Account, Worker
from tests.inbox.live_hub import seed_live
from tests.sync.histories import a_conversation, a_message, write_history

PEOPLE = 400


def seed_list() -> None:
    """Prints the worker's token."""
    seed_live()
    now = time.time_ns() // 1_000_000
    write_history("many", {"conversations": [a_conversation(1000)]}, now=now - 10 * 86_400_000)
    people = range(1, PEOPLE + 1)
    conversations = [a_conversation(1000 + n, userName=f"客人 {n:03}", userId=f"p{n}", updatedAt=now) for n in people]
    messages = [
        a_message(1000 + n, 1000 + n, content=f"第 {n} 个问题", senderId=f"p{n}", createdAt=now - (500 - n) * 60_000)
        for n in people
    ]
    write_history("many", {"conversations": conversations, "messages": messages}, now=now)
    Account.objects.filter(pk="many").update(alias="大店", worker=Worker.objects.get(name="office"), group="批发")
