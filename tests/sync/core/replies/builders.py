"""A reply to build a test from: written at NOW, and nothing happened to it yet."""

from __future__ import annotations

from typing import Any

from sync.core.replies.reply import Reply, make_reply_id
from sync.core.replies.steps import HandedOver, HoldEnded, PressingAsked, ReplyStep, Resulted, advance_reply
from tests.sync.builders import ACCOUNT, NOW

WORKER = "w1"


def a_reply(number: int = 1, **fields: Any) -> Reply:
    client_id = f"{number:032x}"
    values: dict[str, Any] = {
        "id": make_reply_id(ACCOUNT, client_id),
        "client_id": client_id,
        "kind": "message",
        "target": "conv_acc_77",
        "thread": "conv_acc_77",
        "text": "今天能送到",
        "mode": "send",
        "number": number,
        "by": "ann",
        "created_at": NOW,
        "not_before": NOW + 5_000,
    }
    return Reply(**(values | fields))


def after(reply: Reply, *steps: ReplyStep, now: int = NOW, version: int = 10) -> Reply:
    """The reply after these steps, all at once."""
    for step in steps:
        reply = advance_reply(reply, step, now, version)
    return reply


HANDED = HandedOver(WORKER, 1, "send")
ASKED = PressingAsked(1, WORKER)


def a_pressed_reply(number: int = 1, version: int = 10, **fields: Any) -> Reply:
    return after(a_reply(number, **fields), HoldEnded(), HANDED, ASKED, version=version)


def sent_by(item_id: str | None = "msg_acc_501", **fields: Any) -> Resulted:
    values: dict[str, Any] = {"evidence": "response", "attempt": 1, "worker": WORKER, "state": "sent"}
    return Resulted(**(values | {"confirmed_id": item_id} | fields))
