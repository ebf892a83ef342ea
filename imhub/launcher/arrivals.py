"""Looks whether accounts of a hub have been read once."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

# More often would only cost.
EVERY_S = 1.0
TIMEOUT_S = 2.0
FIRST = ("messages", "comments")


class Arrivals:
    """Asks a hub for the `wanted` accounts, at most once in EVERY_S. `key`: an API token of somebody who sees them."""

    def __init__(self, host: str, port: int, key: str, wanted: Iterable[str]) -> None:
        self._place = host, port
        self._key = key
        self._wanted = frozenset(wanted)
        self._next_at = 0.0

    def are_in(self) -> bool:
        """Return whether every wanted account is logged in and was read. A hub without an answer is asked again."""
        if time.monotonic() < self._next_at:
            return False
        self._next_at = time.monotonic() + EVERY_S
        return self._wanted <= {user["user_id"] for user in self._list_users() if is_in(user)}

    def _list_users(self) -> list[dict[str, Any]]:
        connection = http.client.HTTPConnection(*self._place, timeout=TIMEOUT_S)
        try:
            connection.request("GET", "/api/im/accounts?count=200", headers={"Authorization": f"Token {self._key}"})
            answer = connection.getresponse()
            found: list[dict[str, Any]] = json.load(answer)["data"]["users"] if answer.status == 200 else []
            return found
        except (OSError, http.client.HTTPException):
            return []
        finally:
            connection.close()


def is_in(user: Mapping[str, Any]) -> bool:
    """Return whether the account (`user` of the API) is logged in, and its messages and comments were read."""
    return user["login_status"] == "logged_in" and all(surface in user["seen_at"] for surface in FIRST)
