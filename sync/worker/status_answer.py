"""The answer to one `worker:account:status`: given once the hub knows of every report in it what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.protocol.messages import AccountStatusesAck, SyncWarning
from sync.writing.jobs import Done, Outcome


class StatusAnswer:
    """Gathers the outcomes of so many `reports`. `send` gets the ack, once. `warnings`: reports that cannot be read.

    Durable reports stand in `updated`, the others in `failed`, with the code. If none was taken because too much is
    waiting, the ack itself is `busy`.
    """

    def __init__(
        self, reports: int, send: Callable[[AccountStatusesAck], None], warnings: Sequence[SyncWarning] = ()
    ) -> None:
        self._open = reports
        self._send = send
        self._warnings = warnings
        self._updated: list[str] = []
        self._failed = {warning.id: "bad_payload" for warning in warnings if warning.id is not None}
        self._retry_after_ms: int | None = None
        if not reports:
            self._finish()

    def note(self, account_id: str, outcome: Outcome) -> None:
        """Take what became of the report on this account."""
        if isinstance(outcome, Done):
            self.taken(account_id)
        else:
            self.refused(account_id, outcome.code, outcome.retry_after_ms)

    def taken(self, account_id: str) -> None:
        """The report is durable, or was nothing new."""
        self._updated.append(account_id)
        self._settle()

    def refused(self, account_id: str, code: str, retry_after_ms: int | None = None) -> None:
        """The report is not taken; after `retry_after_ms` it may come again."""
        self._failed[account_id] = code
        self._retry_after_ms = max(self._retry_after_ms or 0, retry_after_ms or 0) or None
        self._settle()

    def _settle(self) -> None:
        self._open -= 1
        if not self._open:
            self._finish()

    def _finish(self) -> None:
        is_busy = not self._updated and "busy" in self._failed.values()
        self._send(
            AccountStatusesAck(
                success=not is_busy,
                error_code="busy" if is_busy else None,
                error_message="too much is waiting to be written" if is_busy else None,
                retry_after_ms=self._retry_after_ms,
                updated=self._updated,
                failed=self._failed,
                warnings=list(self._warnings),
            )
        )
