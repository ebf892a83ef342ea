"""Runs a script that ends in order when its stdin is closed: `python ends_with_parent.py manage.py COMMAND`.

The other end of stdin is held by the parent alone, so it closes even when the parent is killed. Knows nothing of
Django: it runs before the settings are read.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 10.0


def main() -> None:
    """Run the script in the arguments under its own name."""
    script = os.path.abspath(sys.argv[1])
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(script)
    runpy.run_path(script, run_name="__main__")


def end_with_parent() -> None:
    """End this process as soon as stdin is closed: in order, and after GRACE_S by force."""
    # os.read instead of sys.stdin, whose lock would be held at interpreter shutdown.
    while os.read(0, 1024):
        pass
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
