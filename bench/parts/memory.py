"""Memory of accounts of the sample's size, beside their JSON: in a process that does nothing else."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

from bench.data import NOW, a_seed, count_bytes
from bench.machine import ROOT
from bench.results import Found, Table
from bench.sizes import Sizes


def run(place: Path, sizes: Sizes) -> Found:
    command = [sys.executable, "-m", "bench.parts.memory", str(sizes.memory_accounts)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    memory, written = json.loads(said)
    table = Table("Memory of the store", ["accounts of the sample", "MB", "MB of JSON", "times their JSON", "aim"])
    table.add(f"{sizes.memory_accounts:,}", memory / 1e6, written / 1e6, memory / written, "at most 2")
    return Found([table])


def main(accounts: int) -> None:
    """Print the growth of the process and the size of the JSON, in bytes."""
    import django

    django.setup()
    import psutil

    from sync.store import DataStore

    store, process, written = DataStore(), psutil.Process(), 0
    store.update_account_data("warm-up", {"platform": "douyin", "data": a_seed("warm-up")}, now=NOW)
    gc.collect()
    before = process.memory_info().rss
    for number in range(accounts):
        data = a_seed(f"acc-{number}")
        written += count_bytes(data)
        store.update_account_data(f"acc-{number}", {"platform": "douyin", "data": data}, now=NOW)
    gc.collect()
    print(json.dumps([process.memory_info().rss - before, written]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
