"""The refusal of a message that was understood and is not taken."""

from __future__ import annotations

from typing import Any

from sync.protocol.message_tables import ACK_OF
from sync.protocol.messages import Ack, DataDelta, DataFetch, DataSync, WireMessage


class Refused(Exception):
    """Raised for a message that was understood and is not taken. Becomes the message's own ack."""

    def __init__(self, code: str, message: str, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms

    def answer(self, message: WireMessage) -> Ack:
        """Return the ack of `message` that says so."""
        fields: dict[str, Any] = {}
        if isinstance(message, DataSync | DataDelta | DataFetch):
            fields["account_id"] = message.account_id
        return ACK_OF[type(message)](
            success=False,
            error_code=self.code,
            error_message=self.message,
            retry_after_ms=self.retry_after_ms,
            **fields,
        )
