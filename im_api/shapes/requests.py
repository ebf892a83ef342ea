"""The bodies of writes, as clients send them. Unknown keys are ignored; `UNSET` is a key that was not sent."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from im_api.params import MAX_TIME, MIN_TIME
from im_api.saved_replies import MAX_CHARS, MAX_TITLE
from im_api.shapes.accounts import AccountStatus
from im_api.shapes.common import ACCOUNT_ID
from im_api.shapes.conversations import MessageStatus
from im_api.shapes.feed import BusinessType

MAX_TEXT: Final = 2_000

AccountId = Annotated[str, Meta(pattern=f"^{ACCOUNT_ID}$")]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Label = Annotated[str, Meta(max_length=60)]
Color = Annotated[str, Meta(pattern="^(#[0-9A-Fa-f]{6})?$", max_length=7)]
Milliseconds = Annotated[int, Meta(ge=0, le=MAX_TIME, extra_json_schema={"minimum": MIN_TIME})]
"""A view refuses seconds by `check_milliseconds`, in words; 0 is taken."""


ItemId = Annotated[str, Meta(max_length=255)]


class StatusBody(Struct, frozen=True, kw_only=True):
    status: MessageStatus


class ReadManyBody(Struct, frozen=True, kw_only=True):
    """Either these items, or everything of an account up to and including `before`, of all types if none are named.

    Beside `message_ids`, `account_id` is needed only for ids that occur in several accounts.
    """

    message_ids: Annotated[list[ItemId], Meta(max_length=1_000)] | UnsetType = UNSET
    account_id: str | UnsetType = UNSET
    before: Milliseconds | UnsetType = UNSET
    types: list[BusinessType] | UnsetType = UNSET


class ReadItemsBody(Struct, frozen=True, kw_only=True):
    """One form of `ReadManyBody`: these items."""

    message_ids: Annotated[list[ItemId], Meta(max_length=1_000)]


class ReadBeforeBody(Struct, frozen=True, kw_only=True):
    """The other form: everything of `account_id` (one, several, `all`) up to and including `before`."""

    account_id: str
    before: Milliseconds
    types: list[BusinessType] | UnsetType = UNSET


class NewParticipant(Struct, frozen=True, kw_only=True):
    user_id: Annotated[str, Meta(min_length=1, max_length=200)]
    user_name: Name | None = None


class NewConversationBody(Struct, frozen=True, kw_only=True):
    account_id: str
    participant: NewParticipant


class NoteBody(Struct, frozen=True, kw_only=True):
    """Without blanks around it; an empty text removes the note."""

    text: Annotated[str, Meta(max_length=MAX_TEXT)]


class SavedReplyBody(Struct, frozen=True, kw_only=True):
    """Words to save. Both texts need something to read in them. `account_id`: only for this account; null: for all."""

    title: Annotated[str, Meta(min_length=1, max_length=MAX_TITLE)] | UnsetType = UNSET
    text: Annotated[str, Meta(min_length=1, max_length=MAX_CHARS)] | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    account_id: AccountId | UnsetType | None = UNSET


class AccountBody(Struct, frozen=True, kw_only=True):
    """The owner's part of a user. What is null is emptied; `user_id` is chosen once and never changes. Of `config` the
    named keys are set, and those that are null are taken away.
    """

    user_id: AccountId | UnsetType = UNSET
    platform: str | UnsetType = UNSET
    platform_user_id: Name | UnsetType | None = UNSET
    user_name: Name | UnsetType = UNSET
    status: AccountStatus | UnsetType = UNSET
    alias: Label | UnsetType | None = UNSET
    group: Label | UnsetType | None = UNSET
    color: Color | UnsetType | None = UNSET
    config: dict[str, Any] | UnsetType = UNSET
