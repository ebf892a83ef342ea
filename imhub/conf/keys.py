"""The two keys of an installation: taken from the environment, else from a file that the first start writes."""

from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from filelock import FileLock

from imhub.conf.environment import BadSetting, get_text
from sync.storage.private_file import write_private


def get_key(name: str, file: Path, make: Callable[[], str]) -> str:
    """Return the key called `name`; without one the content of `file`, which is made (0600) if it is missing.

    An existing file is never replaced: what an older key encrypted could not be read any more. Raises BadSetting.
    """
    given = get_text(name, "")
    if given:
        return given
    try:
        if not file.exists():
            # Hub and worker may start at the same moment in the same directory.
            with FileLock(f"{file}.lock", timeout=10, mode=0o600):
                if not file.exists():
                    write_private(file, f"{make()}\n".encode("ascii"))
        key = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError, TimeoutError) as error:
        raise BadSetting(name, f"is not set, and {file} cannot be used: {error}") from None
    if not key:
        raise BadSetting(name, f"is not set, and {file} is empty. Restore it, or remove it to begin with a new key")
    return key


def check_session_keys(keys: str) -> str:
    """Return `keys` itself: comma separated Fernet keys. Raises BadSetting.

    The first encrypts, all decrypt, so that a key can be changed.
    """
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
