"""`python -m tests.upgrade.make_fixture DIR`: writes what this version writes, for the tests of later ones.

DIR must not exist yet. It gets `imhub.sqlite3` and the `session_key` beside it, `export.json`, what a worker said
(`worker.jsonl`) and what the hub told it (`hub.jsonl`), and `expected.json`: what people saw of all that, and what of
it was another answer after the worker had said its frames. Everything is made by the product itself, through its
commands, its API and its two sockets. The clock is a made-up one, so that only random values (tokens, epochs) and the
order of what has none differ between two runs.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path

import django


def main(target: Path) -> None:
    if target.exists():
        raise SystemExit(f"{target} is there already")
    with tempfile.TemporaryDirectory(prefix="imhub-fixture-") as place:
        for name in [name for name in os.environ if name.startswith("IMHUB_")]:
            del os.environ[name]
        os.environ |= {"IMHUB_DATA_DIR": place, "DJANGO_SETTINGS_MODULE": "imhub.settings"}
        django.setup()
        logging.disable(logging.INFO)
        # The product is imported only now that its settings are known.
        from tests.upgrade.story import make_fixture

        make_fixture(Path(place), target)
    size = sum(file.stat().st_size for file in target.iterdir())
    print(f"{target}: {size / 1024:.0f} KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
