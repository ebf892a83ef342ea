"""`python -m bench [PART ...] [--tiny | --large] [--page] [--json FILE]` (`make bench`): measures, and prints tables.

Without a PART all but `attacks` are measured. `--page` writes what was found to `docs/performance.md`, its numbers
(`docs/performance/results.json`) and its plots; parts that were not measured stay there as they were.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.machine import describe_machine, stay_on_client_core
from bench.results import Found, format_table
from bench.sizes import FULL, LARGE, TINY, Sizes

PARTS: Final = (
    "http",
    "store",
    "ingest",
    "push",
    "growth",
    "memory",
    "eviction",
    "start",
    "search",
    "inbox",
    "hubs",
    "attacks",
)
USUAL: Final = PARTS[:-1]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Measures the product beside others.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; all but attacks")
    parser.add_argument("--tiny", action="store_true", help="measure next to nothing: does it all run?")
    parser.add_argument(
        "--large", action="store_true", help="measure memory, eviction and start with as many accounts as are promised"
    )
    parser.add_argument("--page", action="store_true", help="write docs/performance.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found to FILE")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    sizes = TINY if options.tiny else LARGE if options.large else FULL
    found: dict[str, Found] = {}
    for name in options.parts or USUAL:
        found[name] = run_part(name, sizes)
        if options.json:
            options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
        if options.page:
            from bench.page import write_page

            write_page({name: found[name]})
    return 0


def run_part(name: str, sizes: Sizes) -> Found:
    """Measure one part in a folder and, for the product, a database of its own. Print what it found."""
    from django.db import connections

    begin, machine = time.monotonic(), describe_machine()
    with tempfile.TemporaryDirectory(prefix="imhub-bench-") as place:
        os.environ["IMHUB_DATA_DIR"] = place
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = str(Path(place) / "imhub.sqlite3")
        found: Found = importlib.import_module(f"bench.parts.{name}").run(Path(place), sizes)
        connections.close_all()
    found.machine, found.seconds = machine, round(time.monotonic() - begin, 1)
    for table in found.tables:
        print(f"\n{format_table(table)}", flush=True)
    print(f"\n({name}: {found.seconds:.0f} s)", flush=True)
    return found


def set_up(place: str) -> None:
    """Be the client: on the core of clients, with the product's settings, and no variable of somebody's own hub."""
    stay_on_client_core()
    for name in [name for name in os.environ if name.startswith("IMHUB_") and name != "IMHUB_CHROMIUM"]:
        del os.environ[name]
    os.environ["IMHUB_DATA_DIR"] = place
    os.environ["DJANGO_SETTINGS_MODULE"] = "imhub.settings"
    import django

    django.setup()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="imhub-bench-") as place:
        set_up(place)
        code = main(sys.argv[1:])
    sys.exit(code)
