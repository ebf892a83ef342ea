"""The two keys of an installation: taken from the environment, else from a file that the first start writes."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from filelock import FileLock

from imhub.conf.environment import BadSetting, get_text


def get_key(name: str, file: Path, make: Callable[[], str]) -> str:
    """The key called `name`; without one the content of `file`, which is made (0600) if it is missing.

    An existing file is never replaced: what an older key encrypted could not be read any more.
    """
    given = get_text(name, "")
    if given:
        return given
    try:
        if not file.exists():
            # Hub and worker may start at the same moment in the same directory.
            with FileLock(f"{file}.lock", timeout=10, mode=0o600):
                if not file.exists():
                    _write_private(file, make())
        key = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError, TimeoutError) as error:
        raise BadSetting(name, f"is not set, and {file} cannot be used: {error}") from None
    if not key:
        raise BadSetting(name, f"is not set, and {file} is empty. Restore it, or remove it to begin with a new key")
    return key


def check_session_keys(keys: str) -> str:
    """Comma separated Fernet keys, as given: the first encrypts, all decrypt, so that a key can be changed."""
    for key in keys.split(","):
        try:
            Fernet(key.strip())
        except ValueError:
            raise BadSetting(
                "SESSION_KEY",
                "must be 32 bytes in URL-safe base64 (or several, comma separated); if it is not set, "
                "the file session_key in the data directory is damaged: restore it, or remove it for a new key",
            ) from None
    return keys


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, even if the process is killed in between."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
