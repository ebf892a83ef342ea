"""One row of the list is one thread: a conversation, a comment with its replies, or notices of one kind."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop, ngettext, pgettext
from msgspec import Struct

from im_api import shapes
from im_api.queries import AuthorizedAccount
from im_api.queries.threads import Found, Preview, SearchHit, calls_for_somebody, list_unread
from im_api.queries.threads import InboxRow as CoreRow
from im_api.shapes import ThreadShape
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import first_grapheme, isolate, shorten
from inbox.found_line import find_line
from inbox.pages.account_cards import AccountCard
from inbox.pages.address import Address, api_route
from inbox.pages.json_attributes import to_json
from inbox.pages.list_filters import wanted
from inbox.pages.pictures import allowed_picture

PREVIEW: Final = 140
PEOPLE_DID: Final = frozenset({"like", "follow", "comment", "mention"})
_TAGS: Final = {"comment": gettext_noop("Comment"), "notification": gettext_noop("Notice")}


class InboxLine(Struct, frozen=True, kw_only=True):
    """`route`: of the item below /api/im/, None for what has none. `at`: ms UTC. `found`: the line in which a searched
    text stands, in place of `preview`. `unread_ids`: as JSON, where reading it means reading these. `calls`: what is
    unread in it is counted. `pending`: the state of the newest reply on its way; empty for none."""

    thread_id: str
    kind: str
    route: str | None
    href: str
    account: AccountCard
    name: str
    initial: str
    picture: str | None
    tag: str
    time: str
    at: int | None
    preview: str
    found: Found | None
    about: str
    waiting: formatting.WaitingText | None
    unread: int
    pill: str
    unread_ids: str
    needs_reply: bool
    pending: str
    no_wait: str
    is_pinned: bool
    is_muted: bool
    calls: bool


def make_line(
    authorized: AuthorizedAccount, row: CoreRow, account: AccountCard, address: Address, now: int
) -> InboxLine:
    """Return the line of `row`. `now`: ms UTC."""
    thread = shapes.thread(authorized, row)
    name = name_of(thread, row)
    return InboxLine(
        thread_id=thread.thread_id,
        kind=thread.kind,
        route=route_of(thread),
        href=_href(thread, address, row.hit),
        account=account,
        name=name,
        initial=first_grapheme(name),
        picture=allowed_picture(thread.person.avatar) if thread.person is not None else None,
        tag=_tag(authorized, row),
        time=_format_row_time(thread, row.hit, now),
        at=thread.update_time,
        preview=format_notices(thread, row)
        if row.notice_type in PEOPLE_DID
        else _preview(row.preview, thread.platform),
        found=find_line(row.hit, address.q, thread.platform),
        about=thread.work_title or "",
        waiting=_waiting(thread, now),
        unread=thread.unread_count,
        pill=formatting.format_pill(thread.unread_count),
        unread_ids=to_json(list_unread(authorized, row)),
        needs_reply=thread.needs_reply,
        pending=thread.pending_reply or "",
        no_wait=formatting.format_no_wait(thread.reply_reason),
        is_pinned=thread.is_pinned,
        is_muted=thread.is_muted,
        calls=calls_for_somebody(authorized.view, row.kind, row.id, wanted(address)),
    )


def _format_row_time(thread: ThreadShape, hit: SearchHit | None, now: int) -> str:
    """Return the time of the line that is shown: of a search, that of the hit."""
    at = -hit.place[0] if hit is not None and hit.place is not None else thread.update_time
    return formatting.format_time(at, now) if at is not None and at > 0 else ""


def is_news(authorized: AuthorizedAccount, row: CoreRow, address: Address) -> bool:
    """Return whether the newest of the row is somebody else's and unread, and calls for somebody."""
    own = row.preview is not None and row.preview.direction == "outbound"
    calls = calls_for_somebody(authorized.view, row.kind, row.id, wanted(address))
    return row.unread_count > 0 and not own and calls


def route_of(thread: ThreadShape) -> str | None:
    """Return the address of the row's item below /api/im/; None for notices."""
    if thread.conversation_id is not None:
        return api_route("conversations", thread.conversation_id, thread.account_id)
    if thread.discussion_id is not None:
        return api_route("discussions", thread.discussion_id, thread.account_id)
    return None


def _href(thread: ThreadShape, address: Address, hit: SearchHit | None) -> str:
    at = hit.id or "" if hit is not None and hit.collection in ("messages", "comments") else ""
    if thread.conversation_id is not None:
        return address.of_conversation(thread.conversation_id, thread.account_id, at)
    if thread.discussion_id is not None:
        return address.of_comment_thread(thread.discussion_id, thread.account_id, at)
    return address.of_notices(thread.thread_id)


def name_of(thread: ThreadShape, row: CoreRow) -> str:
    person = thread.person
    if thread.kind == "notification":
        return gettext("%(platform)s notices") % {"platform": formatting.format_platform(thread.platform)}
    if person is None or (person.user_id is None and person.user_name is None):
        return gettext("Unknown")
    name = formatting.format_person(person.user_id, person.user_name)
    if thread.people_count < 2:
        return name
    return gettext("%(name)s · %(n)s people") % {"name": isolate(name), "n": _format_people(row)}


def _format_people(row: CoreRow) -> str:
    """Return how many people a row has, as `200+` where only its newest items were counted."""
    return f"{row.people_count}+" if row.counts_newest_only else str(row.people_count)


def _tag(authorized: AuthorizedAccount, row: CoreRow) -> str:
    """Return what kind of row it is, in a word or two; a talk with one person whom the owner knows needs none."""
    if row.kind == "direct_message":
        entry = authorized.view.conversations.get(row.id)
        if entry is None:
            return ""
        item = entry.item
        return _tag_of_conversation(item.type == "group", is_stranger=item.is_stranger, is_folded=item.is_folded)
    if row.preview is not None and row.preview.is_reply:
        return gettext("Reply")
    return gettext(_TAGS[row.kind]) if row.kind in _TAGS else ""


def _tag_of_conversation(is_group: bool, *, is_stranger: bool | None, is_folded: bool | None) -> str:
    kind = pgettext("conversation", "Group") if is_group else gettext("Stranger") if is_stranger else ""
    return " · ".join(filter(None, (kind, pgettext("conversation", "Folded") if is_folded else "")))


def format_notices(thread: ThreadShape, row: CoreRow) -> str:
    """Several notices of a kind are one sentence."""
    count = thread.people_count
    who = formatting.format_person(thread.person.user_id, thread.person.user_name) if thread.person is not None else ""
    return gettext("%(who)s %(did)s") % {
        "who": isolate(who) or ngettext("%(n)s person", "%(n)s people", count) % {"n": _format_people(row)},
        "did": formatting.format_notice(row.notice_type or ""),
    }


def _preview(preview: Preview | None, platform: str) -> str:
    """Return the newest words in one line, with who said them unless that is the person of the row."""
    if preview is None:
        return ""
    own, speaker = preview.direction == "outbound", preview.speaker
    name = isolate(formatting.format_person(speaker.id, speaker.name)) if speaker is not None else ""
    if preview.is_recalled:
        recalled = gettext("%(name)s recalled a message") % {"name": name} if name else gettext("Recalled a message")
        return gettext("I recalled a message") if own else recalled
    text = formatting.format_placeholder(preview.type, preview.seconds)
    text = " ".join(part for part in (text, formatting.one_line(with_emoji(preview.text or "", platform))) if part)
    if not text and preview.text:
        text = gettext("[A message without words]")
    if preview.reply_to:
        text = gettext("Reply to %(name)s: %(text)s") % {"name": isolate(preview.reply_to), "text": isolate(text)}
    text = shorten(text, PREVIEW)
    if preview.is_automatic:
        return gettext("Automatic reply: %(text)s") % {"text": isolate(text)}
    if own:
        return gettext("Me: %(text)s") % {"text": isolate(text)}
    return gettext("%(name)s: %(text)s") % {"name": name, "text": isolate(text)} if name else text


def _waiting(thread: ThreadShape, now: int) -> formatting.WaitingText | None:
    if not thread.needs_reply or thread.waiting_since is None:
        return None
    return formatting.format_waiting(thread.waiting_since, now)
