"""A sync and a read as the hub grows: more accounts in it, more messages in one of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from django.core.management import call_command

from bench.data import NOW, a_large_account, a_seed
from bench.hub import snapshot_job
from bench.parts.store import one_more, read_page, time_us
from bench.results import Cell, Chart, Found, Table, median
from bench.sizes import Sizes
from sync.core.change.changes import Sync
from sync.hub import Hub, set_hub
from sync.protocol.items import Conversation, Message
from sync.store import DataStore

ACCOUNTS_NOTE: Final = (
    "Interleaved. Aim: at most 1.5 times what it costs with 10. The list is read for the first time after a change."
)
MESSAGES_NOTE: Final = "Interleaved. The page has fewer than 50 messages where the account has fewer than 1,000."


def run(place: Path, sizes: Sizes) -> Found:
    accounts, rows = _by_accounts(sizes), _by_messages(sizes)
    return Found([accounts[0], rows[0]], [accounts[1], rows[1]])


def _by_accounts(sizes: Sizes) -> tuple[Table, Chart]:
    from im_api import access
    from im_api.inline import InlineReads

    app = InlineReads(_refuse)
    token = _make_rows(sizes)
    hubs = {count: _a_hub_in_memory(count) for count in sizes.crowds}
    access.reload()
    syncs: dict[int, list[float]] = {count: [] for count in hubs}
    reads: dict[int, list[float]] = {count: [] for count in hubs}
    for number in range(sizes.grown_reads + 1):
        for count, hub in hubs.items():  # interleaved
            set_hub(hub)
            sync = time_us(_a_sync(hub, _account(count), number), 1)
            read = time_us(_a_read(app, token, _account(count)), 1)
            if number:  # the first warms up
                syncs[count] += sync
                reads[count] += read
    set_hub(None)
    return _show(
        "accounts in the hub",
        "growth-accounts",
        "one sync, durable",
        syncs,
        "a list of 20 after it",
        reads,
        ACCOUNTS_NOTE,
    )


async def _refuse(*_: object) -> None:
    raise SystemExit("a read was not answered from memory")


def _account(count: int) -> str:
    """Return the account that is written and read in the hub of `count` accounts."""
    return f"grown-{count}"


def _make_rows(sizes: Sizes) -> str:
    """Make the accounts that are written, and an owner. Return the owner's token."""
    from django.contrib.auth import get_user_model

    from im_api.models import ApiToken
    from sync.models import Account

    call_command("migrate", verbosity=0)
    for count in sizes.crowds:
        Account.objects.create(id=_account(count), platform="douyin", name="Grown")
    return ApiToken.issue(get_user_model().objects.create(username="owner", is_staff=True), "bench")[1]


def _a_hub_in_memory(count: int) -> Hub:
    """Return a hub with `count` accounts, whose writer runs in this thread and writes to the one database."""
    from sync.directory import load_directory

    hub = Hub(clock=lambda: NOW + 1)
    main, found = _account(count), load_directory()
    others = [f"acc-{number}" for number in range(count - 1)]
    accounts = {one: msgspec.structs.replace(found.accounts[main], id=one) for one in (main, *others)}
    hub.directory = msgspec.structs.replace(found, accounts=accounts)
    hub.writer.submit(snapshot_job(main, a_seed(main)))
    hub.writer.drain()
    for account_id in others:
        hub.store.apply_change(account_id, _little(account_id), now=NOW)
    return hub


def _little(account_id: str) -> Sync:
    talk = Conversation(id=f"conv_{account_id}_1", platform_id="1")
    word = Message(
        id=f"msg_{account_id}_1", platform_id="1", conversation_id=talk.id, direction="inbound", created_at=NOW
    )
    return Sync(items={"conversations": [talk], "messages": [word]})


def _a_sync(hub: Hub, account_id: str, number: int) -> Callable[[], object]:
    """Write one more message, durable and published."""
    from sync.storage.records import Actor
    from sync.writing.jobs import Job, as_change

    word = Message(
        id=f"msg_{account_id}_g{number}",
        platform_id=f"g{number}",
        conversation_id=a_seed(account_id)["conversations"][0]["id"],
        direction="inbound",
        created_at=NOW + number,
    )
    change = Sync(items={"messages": [word]}, merge=frozenset({"messages"}))
    job = Job(account_id=account_id, make=as_change(change), actor=Actor("bench"), answer=lambda _outcome: None)

    def work() -> None:
        hub.writer.submit(job)
        hub.writer.drain()

    return work


def _a_read(app: Any, token: str, account_id: str) -> Callable[[], object]:
    """Answer the list on the way that the API takes, without a socket."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/api/im/conversations",
        "raw_path": b"/api/im/conversations",
        "root_path": "",
        "query_string": f"account_id={account_id}".encode(),
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Token {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    def work() -> None:
        with suppress(StopIteration):  # it waits for nothing
            app(scope, None, send).send(None)
        if sent[0]["status"] != 200:
            raise SystemExit(f"a read was answered {sent[0]['status']}")

    return work


def _by_messages(sizes: Sizes) -> tuple[Table, Chart]:
    stores = {count: _a_store(count) for count in sizes.messages}
    writes: dict[int, list[float]] = {count: [] for count in stores}
    reads: dict[int, list[float]] = {count: [] for count in stores}
    more = {count: one_more(store) for count, store in stores.items()}
    for _ in range(sizes.grown_reads):
        for count, store in stores.items():
            writes[count] += time_us(more[count], 1)
            reads[count] += time_us(partial(read_page, store), 1)
    return _show(
        "messages in the account", "growth-messages", "one more message", writes, "a page of 50", reads, MESSAGES_NOTE
    )


def _a_store(messages: int) -> DataStore:
    store = DataStore()
    store.apply_change("big", a_large_account(messages, max(8, messages // 100)), now=NOW)
    return store


def _show(
    x: str, name: str, first: str, ones: dict[int, list[float]], second: str, others: dict[int, list[float]], note: str
) -> tuple[Table, Chart]:
    """`ones`, `others`: µs by size."""
    table = Table(f"Growth with {x}: µs in process, medians", [x, first, "to the smallest", second, "to the smallest"])
    named = ((first, ones), (second, others))
    middles = {what: {size: median(times) for size, times in found.items()} for what, found in named}
    least = min(ones)
    for size in ones:
        a, b = middles[first][size], middles[second][size]
        table.add(f"{size:,}", a, a / middles[first][least], b, b / middles[second][least])
    table.notes.append(note)
    series: dict[str, list[tuple[Cell, float]]] = {what: [*found.items()] for what, found in middles.items()}
    return table, Chart(name, f"Cost by {x}", x, "µs", series, log=True)
