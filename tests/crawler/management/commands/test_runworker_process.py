"""The worker as a process of its own, against a hub on a real websocket."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from sync.protocol.messages import AccountStatuses, Register
from tests.crawler.builders import an_account
from tests.crawler.fake_hub import FakeHub
from tests.processes import Process
from tests.waiting import until

pytestmark = pytest.mark.e2e


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `runworker crawlers` against a hub; ends it after the test."""
    async with AsyncExitStack() as stack:

        async def start(hub: FakeHub) -> Process:
            environment = {key: value for key, value in os.environ.items() if not key.startswith("IMHUB_")}
            environment |= {
                "IMHUB_DATA_DIR": str(tmp_path),
                "DJANGO_SETTINGS_MODULE": "imhub.settings",
                "IMHUB_WORKER_HUB": hub.url,
                "IMHUB_WORKER_TOKEN": "w1:very-secret",
            }
            process = Process("worker", ["manage.py", "runworker", "crawlers"], environment, tmp_path / "log")
            stack.callback(process.kill)
            return process

        yield start


async def output(process: Process) -> tuple[int, str]:
    """Return the exit code, and all that it said."""
    code = await asyncio.to_thread(process.wait, 60)
    return code, process.log.read_text()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order(start: Start, name: signal.Signals) -> None:
    async with FakeHub([an_account("a", platform="nobody-knows")]) as hub:
        process = await start(hub)
        await until(lambda: hub.all_of(Register), timeout_s=60)
        [status] = (await hub.nth(AccountStatuses, 1)).account_statuses
        process.send_signal(name)
        code, out = await output(process)
    assert code == 0, out
    assert status.worker_status == "error"
    assert "nobody-knows" in status.last_error_message
    assert "very-secret" not in out
    assert hub.tokens == ["Bearer w1:very-secret"]


async def test_a_replaced_worker_says_so_and_is_not_started_again_by_a_supervisor(start: Start) -> None:
    async with FakeHub() as hub:
        process = await start(hub)
        await until(lambda: hub.all_of(Register), timeout_s=60)
        await hub.socket.close(4000, "replaced")
        code, out = await output(process)
    assert code == 0
    assert "another worker with this name took over" in out


async def test_a_revoked_token_is_a_failure(start: Start) -> None:
    async with FakeHub() as hub:
        process = await start(hub)
        await until(lambda: hub.all_of(Register), timeout_s=60)
        await hub.socket.close(4001, "revoked")
        code, out = await output(process)
    assert code == 1
    assert "workertoken" in out
    assert "Traceback" not in out
