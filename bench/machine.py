"""The machine: what it is, and which of its cores runs what."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.results import Machine

ROOT = Path(__file__).parent.parent


def describe_machine() -> Machine:
    return Machine(
        cpu=_cpu_name(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        commit=_find_commit(),
        at=datetime.now(UTC).isoformat(timespec="minutes"),
    )


def _find_commit() -> str:
    """Return the commit of the code, marked if it was changed. The page that benchmarks write does not count."""
    head, changed = (
        subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        for arguments in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--", ".", ":!docs"))
    )
    return (head or "unknown") + (" with changes" if changed else "")


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


# -- cores: what serves has one of its own, what asks another


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


_ALL = _cores()


def stay_on_client_core() -> None:
    """Keep this process, and whatever it starts from now on, on the core of those who ask."""
    if len(_ALL) > 1:
        os.sched_setaffinity(0, {_ALL[1]})


def on_all_cores() -> list[int]:
    """Let this process, and whatever it starts from now on, use all cores, and return them."""
    if _ALL:
        os.sched_setaffinity(0, _ALL)
    return _ALL or list(range(os.cpu_count() or 1))


def on_server_core() -> Callable[[], None] | None:
    """Return the `preexec_fn` of a process that serves; None where processes are not kept on cores."""
    return (lambda: os.sched_setaffinity(0, {_ALL[0]})) if len(_ALL) > 1 else None
