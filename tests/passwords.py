"""Passwords for processes that tests start: made at once, and checked as the product's own are."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from imhub.edge.browser_sessions import SessionStore


def hash_cheaply(password: str) -> str:
    """Return what stands in the database for it. It is made as slow as others by the first who signs in with it."""
    hasher = PBKDF2PasswordHasher()
    hasher.iterations = 1
    return hasher.encode(password, "salt" * 6)


def leave_signed_in(user: AbstractBaseUser, session_key: str) -> None:
    """Make the session that somebody with this cookie is in, as if `user` had signed in there before."""
    session = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1]}
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    SessionStore(session_key).create_model_instance(session).save(force_insert=True)
