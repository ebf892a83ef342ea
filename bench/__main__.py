"""`python -m bench`: every benchmark, a line each. Aims stand beside the numbers; nothing fails on a slow day."""

import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="imhub-bench-") as place:
        os.environ["IMHUB_DATA_DIR"] = place
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        import django

        django.setup()
        from bench import http, inbox, push, store

        store.run()
        http.run(Path(place))
        push.run(Path(place))
        inbox.run(Path(place))
    return 0


if __name__ == "__main__":
    sys.exit(main())
