"""Django's sessions in the database, which is asked only for what can be a key of ours."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        """A browser may send anything, also what a database refuses, such as NUL."""
        valid = super()._validate_session_key(key)  # type: ignore[misc]  # unknown to the stubs
        return bool(valid) and key.isascii() and key.isalnum()
