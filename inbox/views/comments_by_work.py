"""Comments by work: the list of works, and one of them open beside it."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from inbox.pages.address import parse_account, parse_works_address
from inbox.pages.inbox_page import MAX_ROWS, ROWS
from inbox.pages.open_work import COMMENTS, CommentsPart, OpenWork, read_older, read_work
from inbox.pages.rail import Rail
from inbox.pages.works_list import read_works
from inbox.views.frame import PART_HEADER, page, show_frame

PARTS: Final = {"rows": "inbox/works/rows.html", "comments": "inbox/works/comments.html"}
MAX_UNFOLDED: Final = 50


@page
def works(request: HttpRequest) -> HttpResponse:
    return _answer(request, "list", None)


@page
def work(request: HttpRequest, item_id: str) -> HttpResponse:
    address, asked = parse_works_address(request.GET), _asked(request)
    account_id = parse_account(request.GET)
    return _answer(request, "thread", lambda principal: read_work(principal, item_id, account_id, address, asked))


@page
def older_works(request: HttpRequest, account_id: str) -> HttpResponse:
    address, asked = parse_works_address(request.GET), _asked(request)

    def read(principal: Principal) -> OpenWork:
        try:
            return read_older(principal, account_id, address, asked)
        except NotFound:  # a work may be called so
            return read_work(principal, f"older/{account_id}", parse_account(request.GET), address, asked)

    return _answer(request, "thread", read)


def _answer(request: HttpRequest, view: str, read_open: Any) -> HttpResponse:
    address, part = parse_works_address(request.GET), request.headers.get(PART_HEADER, "")

    def read(principal: Principal, rail: Rail) -> dict[str, Any]:
        opened: OpenWork | None = read_open(principal) if read_open is not None else None
        listed = None
        if part != "comments":
            cursor = request.GET.get("cursor") or None
            listed = read_works(principal, rail, address, _count(request, "count", ROWS), cursor)
        return {"place": "works", "works": listed, "work": opened, "address": address}

    try:
        return show_frame(request, PARTS.get(part, "inbox/works/page.html"), view, read)
    except (NotFound, BadRequest) as error:
        raise Http404(error.message) from None


def _asked(request: HttpRequest) -> CommentsPart:
    unfolded = request.GET.getlist("unfolded")[:MAX_UNFOLDED]
    return CommentsPart(_count(request, "shown", COMMENTS), request.GET.get("older") or None, frozenset(unfolded))


def _count(request: HttpRequest, name: str, usual: int) -> int:
    given = request.GET.get(name, "")
    is_number = given.isascii() and given.isdigit() and 0 < len(given) < 6
    return max(1, min(int(given), MAX_ROWS)) if is_number else usual
