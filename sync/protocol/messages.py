"""One class per message. `TYPE` is the `type` of its frame; the class is its `payload`.

Keys are as on the wire: the messages about data are camelCase, the others snake_case. Collections travel as
`msgspec.Raw` (undecoded JSON), so that one bad item cannot spoil the others: the receiver decodes them one by one.
"""

from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Raw, Struct, field

from sync.protocol.items import Collection, Count, Millis

WorkerStatus = Literal["waiting", "crawling", "backoff", "error"]
LoginStatus = Literal["logged_in", "not_logged_in", "qrcode_pending", "expired", "unknown"]
Surface = Literal["contents", "comments", "replies", "messages", "notifications", "profile"]
Canary = Literal["ok", "page_changed", "empty_suspicious"]
WarningCode = Literal["empty_not_cleared", "bad_item", "duplicate_id", "unknown_key", "bad_time", "mass_drop"]

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Short = Annotated[str, Meta(max_length=64)]
MAX_WARNINGS: Final = 100
"""The most that one answer has."""

PartIndex = Annotated[int, Meta(ge=0)]
PartTotal = Annotated[int, Meta(ge=1, le=10_000)]


class WireMessage(Struct, frozen=True, kw_only=True):
    """Base of all messages."""

    TYPE: ClassVar[str] = ""


class Ack(WireMessage, frozen=True, kw_only=True):
    """Base of all answers. `success: false` carries `error_code` and `error_message`."""

    success: bool
    error_code: str | None = None
    error_message: str | None = None
    retry_after_ms: int | None = None


class ProtocolError(Ack, frozen=True, kw_only=True):
    """The answer to an undecodable frame. Its type is `<type, or 'protocol'>:error`."""

    TYPE: ClassVar[str] = "protocol:error"
    details: dict[str, Any] = {}


# -- worker -> hub ----------------------------------------------------------------------------------------------


class Register(WireMessage, frozen=True, kw_only=True):
    """The first message of a worker on a connection.

    `host_id`: a stable name of the machine that no other machine has; empty: its accounts are moved by hand alone.
    `instance`: another one each time that the process starts; empty: nobody can tell.
    """

    TYPE: ClassVar[str] = "worker:register"
    worker_id: Name
    host: str = ""
    host_id: Short = ""
    instance: Short = ""
    version: str = ""
    capabilities: list[str] = []
    max_accounts: Count = 0


class AccountUse(Struct, frozen=True, kw_only=True):
    """The pages of one account in its worker's browser: the memory of their scripts, the share of one processor that
    their work took, and how many were left open by mistake since the context was made `age_s` seconds ago.
    """

    memory_mb: float = 0
    cpu_percent: float = 0
    pages: Count = 0
    leaked: Count = 0
    age_s: Count = 0


class Heartbeat(WireMessage, frozen=True, kw_only=True):
    """Sign of life and statistics of a worker. `accounts`: what each of them takes, as far as that was measured."""

    TYPE: ClassVar[str] = "worker:heartbeat"
    worker_id: Name
    status: str = ""
    active_tasks: Count = 0
    memory_mb: float = 0
    cpu_percent: float = 0
    accounts: dict[Name, AccountUse] = {}


class Goodbye(WireMessage, frozen=True, kw_only=True):
    """The last message of a worker that ends in order: its browsers are stopped, the hub may give its accounts away."""

    TYPE: ClassVar[str] = "worker:goodbye"
    worker_id: Name


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The account's own card on the platform. None: not read."""

    platform_user_id: str | None = None
    user_name: str | None = None
    avatar: str | None = None
    signature: str | None = None
    verified: bool | None = None
    follower_count: Count | None = None
    following_count: Count | None = None


class AccountStatus(Struct, frozen=True, kw_only=True):
    """A worker's report on one account. `last_crawl_time` is ms UTC."""

    account_id: Name
    worker_status: WorkerStatus | None = None
    login_status: LoginStatus | None = None
    last_crawl_time: Millis | None = None
    error_count: Count = 0
    last_error_message: str | None = None
    counts: dict[str, Count] = {}
    profile: Profile | None = None


class AccountStatuses(WireMessage, frozen=True, kw_only=True):
    """A worker's reports on its accounts."""

    TYPE: ClassVar[str] = "worker:account:status"
    account_statuses: list[AccountStatus]


class SessionReport(WireMessage, frozen=True, kw_only=True):
    """The browser session of an account (Playwright's storage state). Loopback or wss only; never logged."""

    TYPE: ClassVar[str] = "worker:account:session"
    account_id: Name
    storage_state: dict[str, Any]


class WireObservation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A surface that the worker read. `start` and `end` are ms UTC; `entry` is the page that was used.

    `next_s`: the seconds after which it is looked at again; None: what is usual. `live`: whether what is new arrives
    there by itself; None: nobody said.
    """

    surface: Surface
    entry: str = ""
    start: Millis = field(name="from")
    end: Millis = field(name="to")
    complete: bool = False
    items: Count = 0
    canary: Canary = "ok"
    next_s: Annotated[float, Meta(ge=0)] | None = field(default=None, name="nextS")
    live: bool | None = None


class SnapshotPart(Struct, frozen=True, kw_only=True):
    """The place of a part in its set. `index` counts from 0."""

    sync_id: Name
    index: PartIndex
    total: PartTotal


class Snapshot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`data`: collection -> JSON list of items. `partial` collections are merged, the others replaced."""

    platform: str
    data: dict[str, Raw]
    partial: list[Collection] = []
    removed: dict[Collection, list[str]] = {}
    cleared: list[Collection] = []


class DataSync(WireMessage, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A full snapshot of one account, or a part of one. `timestamp` is the worker's clock, ms UTC."""

    TYPE: ClassVar[str] = "worker:data:sync"
    account_id: Name
    platform: str
    timestamp: Millis
    snapshot: Snapshot
    observed: list[WireObservation] = []
    part: SnapshotPart | None = None


class DataDelta(WireMessage, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Changed and removed items. Without any it is a sign of life that carries `observed`.

    `base_version`: the version in the ack of what the items differ from. The hub refuses the delta if the account
    began anew since. None: the items stand for themselves.
    """

    TYPE: ClassVar[str] = "worker:data:delta"
    account_id: Name
    platform: str
    upserts: dict[str, Raw] = {}
    removals: dict[Collection, list[str]] = {}
    observed: list[WireObservation] = []
    base_version: int | None = None


class DataFetch(WireMessage, frozen=True, kw_only=True, rename="camel"):
    """A worker asks for what the hub holds of an account."""

    TYPE: ClassVar[str] = "worker:data:fetch"
    account_id: Name


# -- hub -> worker ----------------------------------------------------------------------------------------------


class AssignedAccount(Struct, frozen=True, kw_only=True):
    """`storage_state` is absent while the account has no session. `lease_epoch` fences a former worker."""

    account_id: Name
    platform: str
    name: str
    platform_user_id: str | None = None
    lease_epoch: int
    config: dict[str, Any] = {}
    storage_state: dict[str, Any] | None = None


class RegisterAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:register`, with the accounts that are assigned to the worker."""

    TYPE: ClassVar[str] = "worker:register:ack"
    session_id: str | None = None
    assigned_accounts: list[AssignedAccount] = []


class HeartbeatAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:heartbeat`."""

    TYPE: ClassVar[str] = "worker:heartbeat:ack"


class GoodbyeAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:goodbye`."""

    TYPE: ClassVar[str] = "worker:goodbye:ack"


class SyncWarning(Struct, frozen=True, kw_only=True):
    """Something in a message that was not accepted. `index` counts from 0 in the list that was sent.

    `collection`: of the item, or the list beside the items that it stood in.
    """

    code: WarningCode
    collection: str
    index: int | None = None
    id: str | None = None
    message: str = ""


class AccountStatusesAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:account:status`. `updated`: ids of accounts; `failed`: account id -> code; `warnings`:
    reports that cannot be read, by their place in the list."""

    TYPE: ClassVar[str] = "worker:account:status:ack"
    updated: list[str] = []
    failed: dict[str, str] = {}
    warnings: list[SyncWarning] = []


class SessionReportAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:account:session`."""

    TYPE: ClassVar[str] = "worker:account:session:ack"


class DataSyncAck(Ack, frozen=True, kw_only=True, rename="camel"):
    """The answer to a snapshot and to a delta. `version`: the account's after the change; `stats`: items held now."""

    TYPE: ClassVar[str] = "worker:data:sync:ack"
    error_code: str | None = field(default=None, name="error_code")
    error_message: str | None = field(default=None, name="error_message")
    retry_after_ms: int | None = field(default=None, name="retry_after_ms")
    account_id: str | None = None
    timestamp: int | None = None
    version: int | None = None
    changed: bool | None = None
    stats: dict[str, int] = {}
    warnings: list[SyncWarning] = []
    warnings_total: int = field(default=0, name="warnings_total")


class DataSnapshot(Ack, frozen=True, kw_only=True, rename="camel"):
    """The answer to `worker:data:fetch`. `version` 0 and `snapshot` null: the hub holds nothing of the account."""

    TYPE: ClassVar[str] = "worker:data:snapshot"
    success: bool = True
    error_code: str | None = field(default=None, name="error_code")
    error_message: str | None = field(default=None, name="error_message")
    retry_after_ms: int | None = field(default=None, name="retry_after_ms")
    account_id: str
    version: int = 0
    snapshot: Snapshot | None = None
    part: SnapshotPart | None = None


class TaskAssign(WireMessage, frozen=True, kw_only=True):
    """The hub assigns an account to the worker."""

    TYPE: ClassVar[str] = "master:task:assign"
    account: AssignedAccount


class TaskRevoke(WireMessage, frozen=True, kw_only=True):
    """The hub takes an account from the worker."""

    TYPE: ClassVar[str] = "master:task:revoke"
    account_id: Name


class AccountLogout(WireMessage, frozen=True, kw_only=True):
    """The hub asks the worker to log the account out."""

    TYPE: ClassVar[str] = "master:account:logout"
    account_id: Name


class TaskAssignAck(Ack, frozen=True, kw_only=True):
    """The answer to `master:task:assign`."""

    TYPE: ClassVar[str] = "master:task:assign:ack"


class TaskRevokeAck(Ack, frozen=True, kw_only=True):
    """The answer to `master:task:revoke`."""

    TYPE: ClassVar[str] = "master:task:revoke:ack"


class AccountLogoutAck(Ack, frozen=True, kw_only=True):
    """The answer to `master:account:logout`."""

    TYPE: ClassVar[str] = "master:account:logout:ack"
