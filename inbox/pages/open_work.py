"""One open work: its numbers and its comment threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict, Unpack, cast

from django.utils.translation import gettext, ngettext
from msgspec import Struct
from msgspec.structs import replace

from im_api import shapes
from im_api.access import Principal
from im_api.links import work_link
from im_api.queries import AuthorizedAccount, PageRequest, get_liveness
from im_api.queries.account_overview import get_now
from im_api.queries.threads import list_unread_comments
from im_api.queries.works import (
    CommentThreadSort,
    CommentThreadTab,
    WorkThread,
    count_comment_threads,
    find_work,
    get_newest_replies,
    get_older,
    get_root_comment,
    list_comment_threads,
)
from inbox import formatting
from inbox.pages.account_cards import AccountCard, make_card
from inbox.pages.address import WorksAddress, api_route
from inbox.pages.answering.composer import Composer, Target, make_composer, target_of_comments, target_of_work
from inbox.pages.answering.replies import ReplyLine, ReplyTeller
from inbox.pages.comments import CommentLine, list_names, make_comment
from inbox.pages.json_attributes import to_json
from inbox.pages.list_filters import LinkChoice, make_choices
from inbox.pages.pictures import allowed_picture
from inbox.pages.works_list import format_known, format_title

COMMENTS: Final = 50
REPLIES: Final = 3
ALL_REPLIES: Final = 500


class CommentThread(Struct, frozen=True, kw_only=True):
    """A comment with its replies.

    `route`: below /api/im/. `top` None: it was never read. `folded`: how many replies are not shown. `missing`: how
    many the platform shows, and how many are known. `unread_ids`: as JSON. `heading`: of the work, above its first
    comment. `target`: whom one answers. `written`: replies on their way; `pending`: the state of the newest of them.
    """

    id: str
    route: str
    top: CommentLine | None
    replies: list[CommentLine]
    folded: int
    missing: tuple[int, int] | None
    needs_reply: bool
    unread: int
    unread_ids: str
    target: Target
    written: list[ReplyLine]
    pending: str
    heading: str = ""


class OpenWork(Struct, frozen=True, kw_only=True):
    """`row_id`: of its row in the list. `works`: their ids as JSON, several for the older works of an account.
    `numbers_at`: when its numbers were read, ms UTC; `read_at` says the same in words. None, and empty: unknown.
    `composer`: how one answers here. `target`: of a comment under the work; None for several works. `written`: such
    comments on their way."""

    row_id: str
    title: str
    cover: str | None
    account: AccountCard
    facts: list[str]
    read_at: str
    numbers_at: int | None
    open_url: str | None
    is_older: bool
    works: str
    unread: int
    tabs: list[LinkChoice]
    sorts: list[LinkChoice]
    threads: list[CommentThread]
    next: str | None
    href: str
    composer: Composer
    target: Target | None
    written: list[ReplyLine]


class _WorkFacts(TypedDict):
    row_id: str
    title: str
    cover: str | None
    facts: list[str]
    open_url: str | None


class CommentsPart(Struct, frozen=True):
    """The part of the comments that a page asks for. `unfolded`: ids of the comments with all their replies."""

    count: int = COMMENTS
    cursor: str | None = None
    unfolded: frozenset[str] = frozenset()


def read_work(
    principal: Principal, content_id: str, account_id: str | None, address: WorksAddress, asked: CommentsPart
) -> OpenWork:
    """Raises NotFound, BadRequest."""
    authorized, known = find_work(principal, content_id, account_id)
    work = shapes.work(authorized, known)
    return _open(
        principal,
        authorized,
        (known,),
        address,
        asked,
        row_id=f"work-{known}",
        title=format_title(work),
        cover=allowed_picture(work.cover),
        facts=_facts(work),
        open_url=work_link(authorized, work.platform_content_id, work.url),
        is_older=False,
    )


def read_older(principal: Principal, account_id: str, address: WorksAddress, asked: CommentsPart) -> OpenWork:
    """Return the works of an account that are known from their comments alone. Raises NotFound, BadRequest."""
    authorized, content_ids = get_older(principal, account_id)
    return _open(
        principal,
        authorized,
        content_ids,
        address,
        asked,
        row_id=f"older-{account_id}",
        title=gettext("Older works"),
        cover=None,
        facts=[],
        open_url=None,
        is_older=True,
    )


def _open(
    principal: Principal,
    authorized: AuthorizedAccount,
    content_ids: tuple[str, ...],
    address: WorksAddress,
    asked: CommentsPart,
    *,
    is_older: bool,
    **facts: Unpack[_WorkFacts],
) -> OpenWork:
    page = PageRequest("talks", asked.count, asked.cursor)
    tab, sort = cast(CommentThreadTab, address.show), cast(CommentThreadSort, address.by)
    listed, now = list_comment_threads(authorized, content_ids, tab, sort, page), get_now()
    counts = count_comment_threads(authorized, content_ids)
    seen_at = get_liveness(authorized.account.id).seen_at.get("contents")
    teller = ReplyTeller(principal, authorized)
    threads = [_make_thread(principal, teller, authorized, talk, asked.unfolded, now) for _, talk in listed.rows]
    return OpenWork(
        account=make_card(authorized, now),
        read_at=formatting.format_moment(seen_at, now) if seen_at is not None and not is_older else "",
        numbers_at=seen_at if not is_older else None,
        is_older=is_older,
        works=to_json(content_ids),
        unread=counts["unread"],
        tabs=_tabs(address, counts),
        sorts=_sorts(address),
        threads=_with_headings(authorized, threads, [talk for _, talk in listed.rows]) if is_older else threads,
        next=listed.cursor,
        href=_here(address, authorized, content_ids, is_older=is_older),
        composer=make_composer(authorized, "comment"),
        target=None if is_older else target_of_work(content_ids[0]),
        written=teller.of_work(content_ids),
        **facts,
    )


def _here(address: WorksAddress, authorized: AuthorizedAccount, content_ids: Sequence[str], *, is_older: bool) -> str:
    account_id = authorized.account.id
    return address.of_older(account_id) if is_older else address.of_work(content_ids[0], account_id)


def _facts(work: shapes.WorkShape) -> list[str]:
    stats = work.stats
    facts = [
        (gettext("%(n)s plays"), stats.views),
        (gettext("%(n)s likes"), stats.likes),
        (ngettext("%(n)s comment", "%(n)s comments", stats.total_comments), stats.total_comments),
        (gettext("%(n)s saved"), stats.collects),
        (gettext("%(n)s shared"), stats.shares),
    ]
    return [text % {"n": format_known(count)} for text, count in facts if count is not None]


def _tabs(address: WorksAddress, counts: dict[CommentThreadTab, int]) -> list[LinkChoice]:
    names: dict[CommentThreadTab, str] = {
        "wait": gettext("Needs reply"),
        "unread": gettext("Unread"),
        "all": gettext("All"),
    }
    return [
        LinkChoice(name, f"?{address.with_(show=tab).query()}", address.show == tab, counts[tab])
        for tab, name in names.items()
    ]


def _sorts(address: WorksAddress) -> list[LinkChoice]:
    names = {"latest": gettext("Newest"), "likes": gettext("Most likes")}
    return make_choices(names, address.by, lambda by: f"?{address.with_(by=by).query()}")


def _make_thread(
    principal: Principal,
    teller: ReplyTeller,
    authorized: AuthorizedAccount,
    talk: WorkThread,
    unfolded: frozenset[str],
    now: int,
) -> CommentThread:
    root = get_root_comment(authorized, talk)
    top = shapes.discussion(authorized, root) if root is not None else None
    shown = ALL_REPLIES if talk.root_id in unfolded else REPLIES
    replies = [shapes.discussion(authorized, entry) for entry in get_newest_replies(authorized, talk.thread, shown)]
    known = len(talk.thread.replies)
    told = (top.reply_count or 0) if top is not None else 0
    items = [top, *replies] if top is not None else replies
    names = list_names(items)
    return CommentThread(
        id=talk.root_id,
        route=api_route("discussions", talk.root_id, authorized.account.id),
        top=make_comment(top, now) if top is not None else None,
        replies=[make_comment(reply, now) for reply in replies],
        folded=known - len(replies),
        missing=(told, known) if told > known else None,
        needs_reply=talk.thread.waiting > 0,
        unread=talk.thread.unread,
        unread_ids=to_json(list_unread_comments(authorized, talk.root_id)),
        target=target_of_comments(principal, authorized, talk.root_id, names.get(talk.root_id, ""), items),
        written=teller.of_thread("comment", talk.root_id, names),
        pending=authorized.view.pending_reply("threads", talk.root_id) or "",
    )


def _with_headings(
    authorized: AuthorizedAccount, threads: list[CommentThread], talks: list[WorkThread]
) -> list[CommentThread]:
    titled = []
    for index, (one, talk) in enumerate(zip(threads, talks, strict=True)):
        is_first = index == 0 or talks[index - 1].content_id != talk.content_id
        work = shapes.work(authorized, talk.content_id) if is_first else None
        titled.append(one if work is None else replace(one, heading=format_title(work)))
    return titled
