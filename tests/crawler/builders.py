"""Things to test with, ordinary unless said otherwise."""

from typing import Any

from crawler.platforms.base import SurfaceObservation
from sync.protocol.ids import make_id
from sync.protocol.items import Comment, Content, Conversation, Message
from sync.protocol.messages import AssignedAccount, WireObservation

NOW = 1_761_804_248_025
ACCOUNT = "acc-1"


def clock() -> int:
    return NOW


def an_account(account_id: str = ACCOUNT, **changes: Any) -> AssignedAccount:
    values: dict[str, Any] = {"account_id": account_id, "platform": "fake", "name": "Alice's shop", "lease_epoch": 1}
    return AssignedAccount(**(values | changes))


def a_message(number: int = 1, *, account: str = ACCOUNT, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "id": make_id("messages", account, f"m{number}"),
        "platform_id": f"m{number}",
        "conversation_id": make_id("conversations", account, "c1"),
        "content": f"hello {number}",
        "created_at": NOW + number,
    }
    return Message(**(values | changes))


def a_conversation(number: int = 1, *, account: str = ACCOUNT, **changes: Any) -> Conversation:
    values: dict[str, Any] = {"id": make_id("conversations", account, f"c{number}"), "platform_id": f"c{number}"}
    return Conversation(**(values | changes))


def a_content(number: int = 1, *, account: str = ACCOUNT, **changes: Any) -> Content:
    values: dict[str, Any] = {"id": make_id("contents", account, f"w{number}"), "platform_id": f"w{number}"}
    return Content(**(values | changes))


def a_comment(number: int = 1, *, account: str = ACCOUNT, **changes: Any) -> Comment:
    values: dict[str, Any] = {"id": make_id("comments", account, f"k{number}"), "platform_id": f"k{number}"}
    return Comment(**(values | changes))


def an_observation(**changes: Any) -> SurfaceObservation:
    values: dict[str, Any] = {
        "surface": "messages",
        "entry": "chat",
        "start": NOW - 1000,
        "end": NOW,
        "complete": True,
        "canary": "ok",
    }
    return SurfaceObservation(**(values | changes))


def a_wire_observation(number: int = 1, **changes: Any) -> WireObservation:
    values: dict[str, Any] = {"surface": "messages", "start": number, "end": number + 1}
    return WireObservation(**(values | changes))
