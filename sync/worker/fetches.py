"""The data of an account on its way to a worker that holds nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sync.core.account.view import View
from sync.outbox import Outbox
from sync.protocol.messages import DataSnapshot
from sync.worker.ports import WorkerPorts

SendSnapshot = Callable[[DataSnapshot, str | None], None]


class Fetches:
    """Answers the fetches of one connection one after the other, in the background: each may be as large as an account.

    `get_leases`: the accounts that the connection has now. `send` puts an answer to a request into `outbox`.
    """

    def __init__(
        self, ports: WorkerPorts, outbox: Outbox, get_leases: Callable[[], Mapping[str, int]], send: SendSnapshot
    ) -> None:
        self._ports = ports
        self._outbox = outbox
        self._get_leases = get_leases
        self._send = send
        self._requests: dict[str, str | None] = {}

    def begin(self, account_id: str, request_id: str | None) -> bool:
        """Answer this fetch after those before it. Return False if the account is being fetched already."""
        if account_id in self._requests:
            return False
        self._requests[account_id] = request_id
        if len(self._requests) == 1:
            self._ports.spawn(self._answer_all())
        return True

    def clear(self) -> None:
        """Answer nothing more."""
        self._requests.clear()

    async def _answer_all(self) -> None:
        try:
            while self._requests:
                account_id, request_id = next(iter(self._requests.items()))
                await self._answer(account_id, request_id)
                self._requests.pop(account_id, None)
        finally:
            self._requests.clear()

    async def _answer(self, account_id: str, request_id: str | None) -> None:
        """Send the parts as fast as the worker reads. The lease may end meanwhile."""
        for answer in await self._make(self._ports.get_view(account_id)):
            await self._outbox.room()
            if account_id not in self._get_leases():
                answer = DataSnapshot(success=False, error_code="not_assigned", account_id=account_id)
            self._send(answer, request_id)
            if not answer.success:
                return

    async def _make(self, view: View) -> list[DataSnapshot]:
        account = self._ports.get_directory().accounts.get(view.account_id)
        if view.started_at is None or account is None:
            return [DataSnapshot(account_id=view.account_id)]
        return await self._ports.make_snapshot(view, account.platform, self._ports.limits.frame_bytes)
