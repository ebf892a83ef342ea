"""The messages of a reply that a person wrote at the hub and that a worker's browser sends.

The worker asks before it presses (in a window: before the first character stands in the editor), and waits for the
answer. `success: false` means: stop, and press nothing. It keeps a result until the hub has it.
"""

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct

from sync.protocol.items import Millis
from sync.protocol.messages import Ack, Name, WireMessage

CAN_REPLY: Final = "reply"
CAN_SHOW_WINDOW: Final = "window"
"""The capabilities of a worker that types and sends, and of one that has a window for a person to press Enter in."""

Attempt = Annotated[int, Meta(ge=1, le=100)]
Words = Annotated[str, Meta(max_length=300)]


class ReplyTarget(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The place that the reply goes to, in the platform's own ids; None: not known, or not needed. It has no names.

    `conversation_id` is None for one that only the hub knows: then `user_id` leads there. `root_comment_id`: of the
    top-level comment that `comment_id` stands under.
    """

    conversation_id: str | None = None
    user_id: str | None = None
    comment_id: str | None = None
    root_comment_id: str | None = None
    content_id: str | None = None


class ReplyRequest(WireMessage, frozen=True, kw_only=True):
    """The hub asks the worker to send a reply. `deadline` (ms UTC): until then it must have asked to press.

    `attempt`: how often the hub has asked, to be repeated in what the worker says of it.
    """

    TYPE: ClassVar[str] = "master:reply:request"
    reply_id: Name
    account_id: Name
    lease_epoch: int
    attempt: Attempt
    mode: Literal["window", "send"]
    kind: Literal["message", "comment", "work"]
    target: ReplyTarget
    text: str
    deadline: Millis

    @property
    def request_id(self) -> str:
        """The id of the request on the wire; its answer names it."""
        return f"{self.reply_id}/{self.attempt}"


class ReplyRequestAck(Ack, frozen=True, kw_only=True):
    """The answer to `master:reply:request`: the worker goes on with it, or not now."""

    TYPE: ClassVar[str] = "master:reply:request:ack"


class ReplyProgress(WireMessage, frozen=True, kw_only=True, omit_defaults=True):
    """Tells the hub how far a reply has come. `pressing` asks for the permission to press.

    `known`: the platform's ids of our own messages of the same text that the worker sees there before it presses.
    `attempt`: None for the one that the hub asked for last.
    """

    TYPE: ClassVar[str] = "worker:reply:progress"
    reply_id: Name
    state: Literal["typing", "pressing"]
    attempt: Attempt | None = None
    known: tuple[Name, ...] = ()


class ReplyProgressAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:reply:progress`. For `pressing`: durable, and the permission to press; or stop."""

    TYPE: ClassVar[str] = "worker:reply:progress:ack"


class ReplyReason(Struct, frozen=True, kw_only=True):
    """Why a reply was not sent. `code`: for programs; `text`: the platform's own words."""

    code: Annotated[str, Meta(pattern="^[a-z_]{1,40}$")]
    text: Words = ""


class ReplyResult(WireMessage, frozen=True, kw_only=True, omit_defaults=True):
    """Tells the hub how a reply ended. `failed`: the worker knows that nothing was pressed.

    `sent` needs `confirmed_platform_id`, and where it was read: in the platform's response, in the page's memory or in
    its list. `attempt`: as in `ReplyProgress`.
    """

    TYPE: ClassVar[str] = "worker:reply:result"
    reply_id: Name
    state: Literal["sent", "refused", "unknown", "failed"]
    attempt: Attempt | None = None
    reason: ReplyReason | None = None
    confirmed_platform_id: Name | None = None
    evidence: Literal["response", "memory", "list"] | None = None


class ReplyResultAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:reply:result`: durable. Also one that is refused for good need not be kept any more."""

    TYPE: ClassVar[str] = "worker:reply:result:ack"
