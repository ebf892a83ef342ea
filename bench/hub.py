"""A hub of the benchmarks: its database, who may ask it, and its process on the server's core."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec
from django.contrib.auth import get_user_model
from django.core.management import call_command

from bench.data import NOW
from bench.machine import ROOT, on_server_core

if TYPE_CHECKING:
    from sync.writing.jobs import Job

START_S = 120
AT_ONCE = 500


class HubServer(NamedTuple):
    """A hub that runs. `operator`, `owner`, `worker`: tokens."""

    port: int
    pid: int
    operator: str
    owner: str
    worker: str

    def read_metrics(self) -> str:
        request = Request(f"http://127.0.0.1:{self.port}/metrics", headers={"Authorization": f"Token {self.owner}"})
        with urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())


@contextmanager
def a_hub(
    place: Path, account_ids: Sequence[str], *, before: Callable[[], object] = lambda: None, **environment: str
) -> Iterator[HubServer]:
    """Start a hub on the database of `place` with these accounts, of one operator and one worker.

    `before`: called when the accounts are there and the hub does not run yet.
    """
    from im_api.models import ApiToken, Grant
    from sync.models import Account, Worker
    from sync.worker.tokens import new_worker_token

    call_command("migrate", verbosity=0)
    worker, _ = Worker.objects.get_or_create(name="w1")
    users = get_user_model().objects
    ann, _ = users.get_or_create(username="ann")
    owner, _ = users.get_or_create(username="owner", is_staff=True, is_superuser=True)
    accounts = [Account(id=one, platform="douyin", name=one, worker=worker) for one in account_ids]
    Account.objects.bulk_create(
        accounts,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["platform", "name", "worker"],
    )
    grants = [Grant(user=ann, account=account, level="operate") for account in accounts]
    Grant.objects.bulk_create(grants, batch_size=AT_ONCE, ignore_conflicts=True)
    ApiToken.objects.filter(name="bench").delete()
    operator_token, owner_token = (ApiToken.issue(user, "bench")[1] for user in (ann, owner))
    worker_token = new_worker_token(worker)
    before()
    with a_server(place, **environment) as (port, pid):
        yield HubServer(port, pid, operator_token, owner_token, worker_token)


@contextmanager
def a_server(place: Path, **environment: str) -> Iterator[tuple[int, int]]:
    """Start a hub on the data directory `place`; its port and process id."""
    port = free_port()
    arguments = ["manage.py", "serve", "--port", str(port)]
    with a_process(place, arguments, IMHUB_DATA_DIR=str(place), **environment) as child:
        wait_for(f"http://127.0.0.1:{port}/healthz", child)
        yield port, child.pid


@contextmanager
def a_process(place: Path, arguments: Sequence[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python with `arguments` on the server's core until the end of the context."""
    with (place / "server.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=log,
            stderr=log,
            preexec_fn=on_server_core(),
        )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(20)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    """Return as soon as `url` answers anything but a server error."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"{url} did not answer")


def write_accounts(accounts: Mapping[str, Any]) -> None:
    """Write wire items by collection, for each account, to the database as a worker's first snapshot would."""
    from im_api import access  # noqa: F401  # registers what tokens need
    from sync.storage.change_log import ChangeLog
    from sync.store import DataStore
    from sync.writing.writer import Writer

    writer = Writer(DataStore(), ChangeLog(), lambda published: None, lambda: NOW)
    for account_id, data in accounts.items():
        writer.submit(snapshot_job(account_id, data))
        writer.drain()
        writer.forget(account_id)


def snapshot_job(account_id: str, data: Any) -> Job:
    """Return what the writer makes of a full snapshot."""
    from sync.core.change.snapshot_validation import validate_snapshot
    from sync.protocol.messages import Snapshot
    from sync.storage.records import Actor
    from sync.writing.jobs import Job

    snapshot = msgspec.json.decode(msgspec.json.encode({"platform": "douyin", "data": data}), type=Snapshot)
    return Job(
        account_id=account_id,
        make=lambda view, now, check: validate_snapshot(view, snapshot, now, check=check),
        actor=Actor("bench"),
        answer=lambda _outcome: None,
    )
