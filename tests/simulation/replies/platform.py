"""The platform as it really is: what was sent, to whom, who can see it, and when its list shows it."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from sync.protocol.ids import make_id

FANS = ("f1", "f2", "f3")
"""The first two have the same name."""
TEXTS = ("好的", "有货", "明天发")
Fate = Literal["answered", "answer lost", "refused", "self-visible", "lost", "check"]
FATES: dict[Fate, float] = {
    "answered": 70,
    "answer lost": 12,
    "refused": 2,
    "self-visible": 2,
    "lost": 10,
    "check": 0.5,
}


class Sent(Struct):
    """An own message. `reply_id`: None for one from the phone. `shown_from`: when the list shows it."""

    platform_id: str
    fan: str
    text: str
    reply_id: str | None
    arrived: bool
    shown_from: float


class Pressed(NamedTuple):
    """What the page shows after the press. `id`: of the platform's answer."""

    fate: Fate
    id: str | None = None


class Chat:
    """The private messages of one account."""

    def __init__(self, account_id: str, random: Random) -> None:
        self.account_id = account_id
        self.sent: list[Sent] = []
        self.pressed: Counter[str] = Counter()
        self._random = random
        self._number = 0

    def press(self, fan: str, text: str, reply_id: str | None, now: float) -> Pressed:
        fate = self._random.choices(list(FATES), list(FATES.values()))[0] if reply_id is not None else "answered"
        if reply_id is not None:
            self.pressed[reply_id] += 1
        if fate in ("refused", "lost", "check"):
            return Pressed(fate)
        self._number += 1
        late = self._random.random() < 0.15
        sent = Sent(
            platform_id=str(self._number),
            fan=fan,
            text=text,
            reply_id=reply_id,
            arrived=fate != "self-visible",
            shown_from=now + (self._random.choice([5, 60, 400]) if late else 0),
        )
        self.sent.append(sent)
        return Pressed(fate, sent.platform_id if fate in ("answered", "self-visible") else None)

    def shown(self, fan: str, text: str, now: float) -> list[str]:
        """What the list of a conversation shows of our own messages of this text, as their ids."""
        return [
            s.platform_id for s in self.sent if (s.fan, s.text, s.arrived) == (fan, text, True) and s.shown_from <= now
        ]

    def arrivals(self) -> Counter[str]:
        return Counter(s.reply_id for s in self.sent if s.arrived and s.reply_id is not None)

    def look(self, now: float) -> dict[str, list[dict[str, Any]]]:
        """What a look at the account gives, as items of the wire."""
        conversations = [
            {
                "id": make_id("conversations", self.account_id, fan),
                "conversationId": fan,
                "userId": f"user-{fan}",
                "userName": "橘子汽水" if fan != "f3" else "晚风",
            }
            for fan in FANS
        ]
        messages = [
            {
                "id": make_id("messages", self.account_id, s.platform_id),
                "messageId": s.platform_id,
                "conversationId": s.fan,
                "direction": "outbound",
                "content": s.text + self._random.choice(["", "\u200b"]) if s.arrived else s.text,
                "status": "sent" if s.arrived else "failed",
                "createdAt": 1_790_000_000_000 + int(s.platform_id),
            }
            for s in self.sent
            if s.shown_from <= now
        ]
        return {"conversations": conversations, "messages": messages[-40:]}
