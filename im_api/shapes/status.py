"""The hub itself, for its owner. The keys of this answer are camelCase: that is what its readers know."""

from __future__ import annotations

from msgspec import Struct

from im_api.queries.status import AccountReceived, HubOverview, WorkerOverview


class WorkerItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """`memory_mb` and `cpu_percent` as the worker reports them; null while it is away."""

    name: str
    online: bool
    host: str | None
    version: str | None
    connected_at: int | None
    last_heartbeat_at: int | None
    active_tasks: int | None
    memory_mb: float | None
    cpu_percent: float | None
    accounts: list[str]


class WorkersPart(Struct, frozen=True, kw_only=True, rename="camel"):
    total: int
    online: int
    items: list[WorkerItem]


class StorePart(Struct, frozen=True, kw_only=True, rename="camel"):
    """`memory_bytes`: of the whole process. Of accounts that are not used for long only the heads stay in memory, if
    the hub has a limit (`account_bytes_limit`, else 0); their bodies are read again at need (`body_reads`).
    `account_bytes`: of all accounts in memory, by estimate.
    """

    total_accounts: int
    total_comments: int
    total_contents: int
    total_conversations: int
    total_messages: int
    total_notifications: int
    orphan_comments: int
    orphan_messages: int
    memory_bytes: int
    resident_accounts: int
    evicted_accounts: int
    account_bytes: int
    account_bytes_limit: int
    body_reads: int
    last_update: int | None


class AccountPart(Struct, frozen=True, kw_only=True, rename="camel"):
    account_id: str
    received: int
    failed: int
    bytes: int
    last_receive_time: int | None


class SyncPart(Struct, frozen=True, kw_only=True, rename="camel"):
    total_received: int
    total_failed: int
    last_receive_time: int | None
    accounts: list[AccountPart]


class StatusShape(Struct, frozen=True, kw_only=True, rename="camel"):
    """`uptime` in seconds."""

    version: str
    uptime: int
    workers: WorkersPart
    data_store: StorePart
    data_sync: SyncPart


class StatusAnswer(Struct, frozen=True, kw_only=True):
    data: StatusShape
    success: bool = True


def status(overview: HubOverview) -> StatusAnswer:
    workers = [_worker(worker) for worker in overview.workers]
    totals = overview.totals
    return StatusAnswer(
        data=StatusShape(
            version=overview.version,
            uptime=overview.uptime_ms // 1000,
            workers=WorkersPart(total=len(workers), online=sum(w.online for w in workers), items=workers),
            data_store=StorePart(
                total_accounts=overview.accounts,
                total_comments=totals.comments,
                total_contents=totals.contents,
                total_conversations=totals.conversations,
                total_messages=totals.messages,
                total_notifications=totals.notifications,
                orphan_comments=totals.orphan_comments,
                orphan_messages=totals.orphan_messages,
                memory_bytes=overview.memory_bytes,
                resident_accounts=overview.bodies.resident,
                evicted_accounts=overview.bodies.evicted,
                account_bytes=overview.bodies.bytes,
                account_bytes_limit=overview.bodies.limit,
                body_reads=overview.bodies.reads,
                last_update=overview.changed_at,
            ),
            data_sync=SyncPart(
                total_received=overview.received,
                total_failed=overview.failed,
                last_receive_time=overview.last_receive_at,
                accounts=[_account(account) for account in overview.received_by_account],
            ),
        )
    )


def _worker(worker: WorkerOverview) -> WorkerItem:
    presence = worker.presence
    if presence is None:
        return WorkerItem(
            name=worker.name,
            online=worker.online,
            host=None,
            version=None,
            connected_at=None,
            last_heartbeat_at=None,
            active_tasks=None,
            memory_mb=None,
            cpu_percent=None,
            accounts=[],
        )
    return WorkerItem(
        name=worker.name,
        online=worker.online,
        host=presence.host,
        version=presence.version,
        connected_at=presence.connected_at,
        last_heartbeat_at=presence.last_heartbeat_at,
        active_tasks=presence.active_tasks,
        memory_mb=presence.memory_mb,
        cpu_percent=presence.cpu_percent,
        accounts=presence.accounts,
    )


def _account(account: AccountReceived) -> AccountPart:
    return AccountPart(
        account_id=account.account_id,
        received=account.received,
        failed=account.failed,
        bytes=account.bytes,
        last_receive_time=account.last_receive_at,
    )
