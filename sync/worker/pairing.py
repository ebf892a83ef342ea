"""Pairing codes: six characters with which a new computer gets its token, once. They live in memory only."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from sync.protocol.times import Clock

VALID_MS: Final = 10 * 60_000
LENGTH: Final = 6
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, O, 1, I and L, which people mix up."""
WINDOW_MS: Final = 60_000
WRONG_OF_ONE: Final = 5
WRONG_OF_ALL: Final = 50
"""Wrong codes in WINDOW_MS, of one address and of all together, after which none is looked at."""


class PairingCode(Struct, frozen=True, kw_only=True):
    """`worker`: the name of the worker that the computer becomes. `expires_at`: ms UTC."""

    code: str
    worker: str
    expires_at: int


class TooManyWrong(Exception):
    """Raised while too many wrong codes came in. `wait_s`: after so long the next one is looked at."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many wrong pairing codes")
        self.wait_s = wait_s


class PairingCodes:
    """The codes that are good now, one for each worker at most. Everything runs on the event loop. `clock`: ms UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, PairingCode] = {}
        self._wrong: deque[tuple[int, str]] = deque()
        self.share: Callable[[str, PairingCode | None], None] = lambda _worker, _code: None
        """Tells other hubs of the code of a worker; None when it is used."""

    def make(self, worker: str) -> PairingCode:
        """Return a new code for the worker; an earlier one ends."""
        self._drop(worker)
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        made = PairingCode(code=code, worker=worker, expires_at=self._clock() + VALID_MS)
        self._codes[code] = made
        self.share(worker, made)
        return made

    def take(self, worker: str, code: PairingCode | None) -> None:
        """Take the code of a worker as another hub knows it."""
        self._drop(worker)
        if code is not None:
            self._codes[code.code] = code

    def _drop(self, worker: str) -> None:
        self._codes = {key: one for key, one in self._codes.items() if one.worker != worker and self._is_good(one)}

    def find(self, worker: str) -> PairingCode | None:
        """Return the code of the worker; None if there is none that is still good."""
        return next((one for one in self._codes.values() if one.worker == worker and self._is_good(one)), None)

    def redeem(self, typed: str, address: str) -> str | None:
        """Return the worker that the code is for, and end the code; None for a wrong one. Raises TooManyWrong.

        `typed`: as a person types it, with blanks, dashes and small letters. `address`: of who sent it.
        """
        now = self._clock()
        while self._wrong and now - self._wrong[0][0] >= WINDOW_MS:
            self._wrong.popleft()
        mine = [at for at, who in self._wrong if who == address]
        if len(mine) >= WRONG_OF_ONE or len(self._wrong) >= WRONG_OF_ALL:
            oldest = mine[0] if len(mine) >= WRONG_OF_ONE else self._wrong[0][0]
            raise TooManyWrong(max(1, -(-(oldest + WINDOW_MS - now) // 1000)))
        code = "".join(one for one in typed.upper() if one.isalnum())
        found = self._codes.get(code)
        if found is None or not self._is_good(found):
            self._wrong.append((now, address))
            return None
        del self._codes[code]
        self.share(found.worker, None)
        return found.worker

    def _is_good(self, code: PairingCode) -> bool:
        return code.expires_at > self._clock()
