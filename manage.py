#!/usr/bin/env python
"""The command line of IM Hub. `manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imhub.settings")
    try:
        from django.db import Error, IntegrityError

        from imhub.launcher.command_line import CommandLine
    except ImportError as error:
        raise SystemExit(f"{error}. Is the virtual environment active? `make run` sets one up.") from error
    try:
        CommandLine(sys.argv).execute()
    except Error as error:
        if isinstance(error, IntegrityError) or "--traceback" in sys.argv:
            raise
        from sync.storage.integrity import explain

        sys.exit(str(explain(error)))
    except SystemExit as end:
        # argparse says 2; with us bad input is 1, whoever notices it.
        sys.exit(1 if end.code == 2 else end.code)


if __name__ == "__main__":
    main()
