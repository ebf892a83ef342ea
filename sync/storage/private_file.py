"""Writes files that hold secrets or other people's words. Knows no Django: settings use it before they are read."""

import errno
import os
import tempfile
from pathlib import Path


def write_private(file: Path, content: bytes) -> None:
    """Write `content` to `file`, readable for this user only (0600), whole or not at all.

    The old file stays if the process is killed in between. Raises OSError, also for a device.
    """
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "Not a regular file")
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
