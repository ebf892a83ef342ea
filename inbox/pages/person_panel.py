"""The panel beside an open thread: the person, the team's note, other comments, and who handled it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from django.utils.translation import gettext
from msgspec import Struct

from im_api import queries, shapes
from im_api.access import Principal
from im_api.queries import AuthorizedAccount, Collection, PageRequest
from im_api.queries.account_overview import get_now
from im_api.queries.people import find_person, get_mark, list_comments_of, list_other_conversations
from im_api.queries.replies import list_replies
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import isolate
from inbox.pages.account_cards import AccountCard, make_card
from inbox.pages.address import path_of
from inbox.pages.pictures import allowed_picture

COMMENTS: Final = 3
REPLIES: Final = 100


class OtherConversation(Struct, frozen=True):
    account: AccountCard
    href: str


class WorkCard(Struct, frozen=True, kw_only=True):
    """On a work, and how to open it."""

    title: str
    cover: str | None
    text: str
    when: str
    href: str


class ReplyChoice(Struct, frozen=True, kw_only=True):
    """`ready`: with the person's and the account's names filled in."""

    id: str
    title: str
    text: str
    ready: str
    shared: bool
    owner: str
    may_change: bool


class PersonPanel(Struct, frozen=True, kw_only=True):
    """`note_route`: below /api/im/, None for a person without an id."""

    note_route: str | None
    note: str
    note_by: str
    conversations: list[OtherConversation]
    comments: list[WorkCard]
    work: WorkCard | None
    log: list[str]
    replies: list[ReplyChoice]


def make_person_panel(
    principal: Principal,
    authorized: AuthorizedAccount,
    collection: Collection,
    item_id: str,
    user_id: str | None,
    name: str,
    work: WorkCard | None = None,
) -> PersonPanel:
    """Return the panel of the thread that `item_id` of `collection` opens. `name`: of the person."""
    now, account_id = get_now(), authorized.account.id
    person = find_person(principal, account_id, user_id)[1] if user_id is not None else None
    note = shapes.note(authorized, person) if person is not None else None
    return PersonPanel(
        note_route=f"people/{quote(account_id, safe='')}/{quote(person, safe='')}/note" if person is not None else None,
        note=(note.text or "") if note is not None else "",
        note_by=_format_by(note, now) if note is not None else "",
        conversations=[
            OtherConversation(make_card(other, now), path_of("conversation", thread.id, other.account.id))
            for other, thread in (list_other_conversations(principal, authorized, person) if person is not None else ())
        ],
        comments=[] if work is not None or person is None else list(_comments(authorized, {person, user_id}, now)),
        work=work,
        log=list(_log(authorized, collection, item_id, now)),
        replies=[
            _reply(reply, principal, name, make_card(authorized, now).name)
            for reply in _saved(principal, authorized.account.id)
        ],
    )


def _format_by(note: shapes.NoteShape, now: int) -> str:
    if note.updated_at is None:
        return ""
    return " · ".join(part for part in (note.updated_by or "", formatting.format_moment(note.updated_at, now)) if part)


def _comments(authorized: AuthorizedAccount, ids: set[str | None], now: int) -> Iterator[WorkCard]:
    """Yield comments under any of the ids of one person."""
    found = {entry.item.id: entry for one in ids if one for entry in list_comments_of(authorized, one, COMMENTS)}
    for entry in list(found.values())[:COMMENTS]:
        yield make_work_card(authorized, shapes.discussion(authorized, entry), now)


def make_work_card(authorized: AuthorizedAccount, item: shapes.DiscussionShape, now: int) -> WorkCard:
    work = shapes.work(authorized, item.content_id) if item.content_id is not None else None
    return WorkCard(
        title=formatting.one_line((work.title if work is not None else None) or item.content_title or "")
        or gettext("An older work"),
        cover=allowed_picture(work.cover) if work is not None else None,
        text=formatting.one_line(with_emoji(item.content or "", item.platform))
        or formatting.format_placeholder("image"),
        when=formatting.format_time(item.created_at, now) if item.created_at is not None else "",
        href=path_of("discussion", item.parent_comment_id or item.discussion_id, item.account_id),
    )


def _log(authorized: AuthorizedAccount, collection: Collection, item_id: str, now: int) -> Iterator[str]:
    mark = get_mark(authorized, collection, item_id)
    if mark.read_by:
        yield gettext("%(name)s has read it") % {"name": isolate(mark.read_by)}
    if mark.done_at is not None:
        when = formatting.format_moment(mark.done_at, now)
        yield gettext("%(name)s marked it as handled, %(when)s") % {
            "name": isolate(mark.done_by) or gettext("Unknown"),
            "when": when,
        }


def _saved(principal: Principal, account_id: str) -> list[queries.ReplyInfo]:
    """Return the saved replies for this account: its own first."""
    found, _ = list_replies(principal, PageRequest("saved", REPLIES), account_id)
    return sorted(found, key=lambda reply: reply.account_id is None)


def fill_in(text: str, person: str, account: str) -> str:
    """Return the words of a saved reply with the names of the person and of the account filled in."""
    for names, value in ((("{昵称}", "{name}"), person), (("{账号}", "{account}"), account)):
        for name in names:
            text = text.replace(name, value)
    return text


def _reply(reply: queries.ReplyInfo, principal: Principal, person: str, account: str) -> ReplyChoice:
    return ReplyChoice(
        id=reply.id,
        title=reply.title,
        text=reply.text,
        ready=fill_in(reply.text, person, account),
        shared=reply.shared,
        owner=reply.owner_name,
        may_change=reply.owner_id == principal.user_id or principal.is_staff,
    )
