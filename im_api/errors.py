"""The errors that views and queries raise, each with the HTTP status that says what to do next."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Something the client is told. The message is for people."""

    status_code = 500
    retry_after: int | None = None
    data: Any = None
    """What the client is told beside the words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(ApiError):
    status_code = 400


class Forbidden(ApiError):
    status_code = 403


class NotFound(ApiError):
    status_code = 404


class Conflict(ApiError):
    """It may be done, and not as things are now."""

    status_code = 409


class TooMany(ApiError):
    """Not so often: try again after `retry_after` seconds."""

    status_code = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ClientLeft(ApiError):
    """Nobody reads the answer to this."""

    status_code = 503


class NotReady(ApiError):
    """Try again soon."""

    status_code = 503
    retry_after = 1
