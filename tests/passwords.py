"""Passwords for processes that tests start: made at once, and checked as the product's own are."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


def hash_cheaply(password: str) -> str:
    """Return what stands in the database for it. It is made as slow as others by the first who signs in with it."""
    hasher = PBKDF2PasswordHasher()
    hasher.iterations = 1
    return hasher.encode(password, "salt" * 6)
