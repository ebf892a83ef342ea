"""The note that operators wrote on a person."""

from __future__ import annotations

from msgspec import Struct

from im_api.queries import AuthorizedAccount


class NoteShape(Struct, frozen=True, kw_only=True):
    """Shared by all who see the account. All of it is null where nobody wrote anything."""

    account_id: str
    user_id: str
    text: str | None
    updated_at: int | None
    updated_by: str | None


def note(authorized: AuthorizedAccount, user_id: str) -> NoteShape:
    written = authorized.view.mark("people", user_id).note
    return NoteShape(
        account_id=authorized.account.id,
        user_id=user_id,
        text=written.text if written is not None else None,
        updated_at=written.at if written is not None else None,
        updated_by=(written.by or None) if written is not None else None,
    )
