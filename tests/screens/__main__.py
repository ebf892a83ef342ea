"""`python -m tests.screens [inbox …] [390-dark-en …]`: pictures into build/screens/, of all scenes and settings or of
the named ones. Ends with 1 if something scrolls sideways or axe calls it serious."""

import os
import sys


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from tests.screens.run import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
