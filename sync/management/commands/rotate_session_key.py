"""`manage.py rotate_session_key`: encrypt the stored browser sessions, and the addresses of alerts, with a new key."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sync.models import AccountSession
from sync.sealing import seal_again
from sync.storage.errors import Unusable
from sync.storage.locks.directory_lock import Held
from sync.storage.locks.hub_locks import take_locks
from sync.storage.private_file import write_private


class Command(BaseCommand):
    help = (
        "Encrypts the stored browser sessions and the addresses of alerts with a new key, and keeps it in place of the "
        "old one. Not beside a running hub. What the old key cannot open is deleted: the account logs in again."
    )

    def handle(self, **_: Any) -> None:
        path = settings.DATA_DIR / "session_key"
        if not path.exists() or path.read_text(encoding="ascii").strip() != settings.SESSION_KEY:
            raise CommandError(
                "The key comes from IMHUB_SESSION_KEY. Put a new one before it there, with a comma between: "
                f"IMHUB_SESSION_KEY={Fernet.generate_key().decode()},<the old one>. Nothing was changed."
            )
        try:
            locks = take_locks()
        except Held as held:
            raise CommandError(f"a hub, or an import, holds {held.what}: {held}. Stop it first.") from None
        except Unusable as error:
            raise CommandError(f"{error}. Nothing was changed.") from error
        try:
            new = Fernet.generate_key().decode()
            # Both first: whatever ends this, the stored sessions can be opened.
            write_private(path, f"{new},{settings.SESSION_KEY}\n".encode("ascii"))
            sealed, lost = seal_again(f"{new},{settings.SESSION_KEY}")
            write_private(path, f"{new}\n".encode("ascii"))
        finally:
            locks.release()
        self.stdout.write(f"sessions encrypted with the new key: {sealed.pop(AccountSession, 0)}")
        if sealed:
            self.stdout.write(f"secrets of alerts encrypted with it: {sealed.total()}")
        if lost:
            self.stdout.write(f"deleted, because the old key does not open them: {', '.join(lost)}")
