"""From the start of `manage.py serve` to its first answer, with accounts and without any."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from bench.data import a_busy_account
from bench.hub import a_server, write_accounts
from bench.results import Found, Table
from bench.sizes import Sizes


def run(place: Path, sizes: Sizes) -> Found:
    from django.core.management import call_command

    from sync.models import Account

    call_command("migrate", verbosity=0)
    table = Table("Start of a hub", ["accounts", "messages", "s until /healthz is 200", "s for the load alone", "MB"])
    empty, memory = _start(place)
    table.add("0", "0", empty, None, memory)
    ids = [f"start-{number}" for number in range(sizes.start_accounts)]
    for account_id in ids:
        Account.objects.create(id=account_id, platform="douyin", name=account_id)
        account = a_busy_account(account_id, 50, sizes.start_messages, sizes.start_messages // 10)
        write_accounts({account_id: account})
    full, memory = _start(place)
    messages = sizes.start_accounts * sizes.start_messages
    table.add(f"{len(ids):,}", f"{messages:,}", full, full - empty, memory)
    table.notes.append("Aim: 1,000 accounts with 1,000 messages each are loaded within 10 s.")
    return Found([table])


def _start(place: Path) -> tuple[float, float]:
    """Return the seconds of a start, and the MB of the process after it."""
    begin = time.perf_counter()
    with a_server(place) as (_, pid):
        return time.perf_counter() - begin, psutil.Process(pid).memory_info().rss / 1e6
