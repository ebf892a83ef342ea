"""A login that is going on, and the link to hand it on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from im_api.queries import AuthorizedAccount
from im_api.queries.login.logins import Login

LoginState = Literal[
    "none",
    "starting",
    "qrcode_ready",
    "scanned",
    "code_required",
    "success",
    "wrong_account",
    "expired",
    "failed",
]


class LoginShape(Struct, frozen=True, kw_only=True):
    """`qrcode` is a picture (a data URI) to scan until `expires_at`; `hint`: where the platform sent its code.

    `login_id`: another one for each login; null with the state `none`. With a `read` grant `qrcode` and `hint` are
    null.
    """

    account_id: str
    login_id: str | None = None
    state: LoginState = "none"
    qrcode: str | None = None
    expires_at: int | None = None
    hint: str | None = None
    error_message: str | None = None
    started_at: int | None = None
    started_by: str | None = None


class LoginLinkShape(Struct, frozen=True, kw_only=True):
    """`url` shows the login code of this account to the browser that opens it first, until `expires_at`."""

    account_id: str
    url: str
    expires_at: int


class LoginCodeBody(Struct, frozen=True, kw_only=True):
    code: Annotated[str, Meta(pattern="^[A-Za-z0-9]{4,8}$")]


def login(authorized: AuthorizedAccount, current: Login | None) -> LoginShape:
    if current is None:
        return LoginShape(account_id=authorized.account.id)
    may_see = authorized.grant != "read"
    return LoginShape(
        account_id=current.account_id,
        login_id=current.session_id,
        state=current.state,
        qrcode=current.qrcode if may_see else None,
        expires_at=current.expires_at,
        hint=current.hint if may_see else None,
        error_message=current.error_message,
        started_at=current.started_at,
        started_by=current.by,
    )
