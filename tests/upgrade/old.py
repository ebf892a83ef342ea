"""All that the upgrade tests and the script of their fixtures need of the product. Nothing else here imports it."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings
from msgspec.json import encode

from crawler.uplink.snapshot import AccountSnapshot, make_messages
from crawler.uplink.uplink import LinkRefused, Uplink
from im_api import access
from im_api.models import ApiToken, Grant
from imhub import __version__, asgi
from imhub.management.commands import serve
from sync.hub import Hub, get_hub, set_hub
from sync.models import Account, Change, Observation, Worker
from sync.protocol.frames import FrameError, decode_from_hub
from sync.protocol.items import ITEM_TYPES
from sync.protocol.message_tables import ACK_OF
from sync.protocol.messages import (
    AccountStatus,
    AccountStatuses,
    DataDelta,
    DataFetch,
    Heartbeat,
    Profile,
    Register,
    SessionReport,
)
from sync.protocol.messages import WireObservation as SurfaceObservation
from sync.storage.change_log import ChangeLog
from sync.storage.errors import Unusable
from sync.storage.records import Actor

__all__ = [
    "ACK_OF",
    "DATABASE",
    "ITEM_TYPES",
    "AccountSnapshot",
    "AccountStatus",
    "AccountStatuses",
    "DataDelta",
    "DataFetch",
    "FrameError",
    "Heartbeat",
    "Hub",
    "LinkRefused",
    "Profile",
    "Register",
    "SessionReport",
    "SurfaceObservation",
    "Unusable",
    "Uplink",
    "__version__",
    "at_home",
    "clear_account",
    "connection",
    "decode_from_hub",
    "encode",
    "give_account",
    "give_grant",
    "give_token",
    "make_messages",
    "manage",
    "serving",
    "stored",
    "write_checkpoint",
]

DATABASE = "imhub.sqlite3"


@contextmanager
def at_home(directory: Path) -> Iterator[None]:
    """This process works on an SQLite database in `directory`, with the session key that lies beside it, if any."""
    before = connection.settings_dict["NAME"]
    changed: dict[str, Any] = {"DATA_DIR": directory}
    if (directory / "session_key").exists():
        changed["SESSION_KEY"] = (directory / "session_key").read_text("ascii").strip()
    with override_settings(**changed):
        connection.close()
        connection.settings_dict["NAME"] = str(directory / DATABASE)
        access.forget()
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            access.forget()


def manage(*arguments: str) -> str:
    """What a command of manage.py prints. Raises CommandError."""
    said = io.StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue().strip()


@asynccontextmanager
async def serving(clock: Callable[[], int]) -> AsyncIterator[int]:
    """The port of a whole hub that runs here. `clock`: ms UTC. Raises what a start raises."""
    hub = Hub(clock=clock, listeners=(access.reload,), followers=(asgi.push,))
    hub.acquire()
    await hub.start()
    set_hub(hub)
    try:
        async with _listening() as port:
            yield port
    finally:
        set_hub(None)
        await hub.stop()


@asynccontextmanager
async def _listening() -> AsyncIterator[int]:
    config = serve.make_config()
    # What stands behind the door: the door would start a hub of its own.
    config.app = asgi.application._inner
    config.lifespan = "off"
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # signals are pytest's
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


# -- rows


def give_token(username: str) -> str:
    """The key of a token with an expiry, of somebody who is there already."""
    user = get_user_model().objects.get(username=username)
    year_2100 = datetime.fromtimestamp(4_102_444_800, UTC)
    return ApiToken.issue(user, "laptop", year_2100)[1]


def give_grant(username: str, account_id: str, level: str) -> None:
    user, _ = get_user_model().objects.get_or_create(username=username)
    Grant.objects.create(user=user, account_id=account_id, level=level)


def give_account(account_id: str, worker: str) -> None:
    account = Account.objects.get(pk=account_id)
    account.worker = Worker.objects.get(name=worker)
    account.save()


def clear_account(account_id: str) -> None:
    """As an owner does in the admin: what comes then is another history, with an epoch of its own."""
    get_hub().clear_account(account_id, Actor("user:olivia", "browser, 127.0.0.1"))


def write_checkpoint(account_id: str) -> None:
    change_log = ChangeLog()
    change_log.write_checkpoint(change_log.load(account_id, Hub().store.new_view))


def stored() -> dict[str, list[list[Any]]]:
    """What the database holds that no answer of the API tells."""
    history = Change.objects.exclude(action="").order_by("account", "version")
    looks = Observation.objects.order_by("account", "surface", "start")
    tokens = ApiToken.objects.order_by("user__username", "name")
    grants = Grant.objects.order_by("user__username", "account")
    accounts = Account.objects.order_by("pk")
    return {
        "history": _rows(history, "account_id", "version", "at", "actor", "origin", "action"),
        "looks": _rows(looks, "account_id", "surface", "entry", "canary", "complete", "start", "end", "looks", "items"),
        "tokens": _rows(tokens, "user__username", "name", "token_hash"),
        "grants": _rows(grants, "user__username", "account_id", "level"),
        "accounts": _rows(accounts, "pk", "worker__name", "lease_epoch", "version", "seq"),
        "workers": _rows(Worker.objects.order_by("name"), "name", "token_hash", "max_accounts"),
    }


def _rows(rows: Any, *names: str) -> list[list[Any]]:
    return [list(row) for row in rows.values_list(*names)]
