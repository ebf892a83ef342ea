"""The inbox: its list, and beside it a conversation or a comment thread. A script may ask for one part of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries import HubNotReady, StretchRequest
from inbox.pages.address import KINDS, parse_account, parse_address
from inbox.pages.inbox_page import MAX_ROWS, ROWS, read_inbox
from inbox.pages.open_thread import OpenThread, read_comment_thread, read_conversation, read_notices
from inbox.pages.works_list import find_works
from inbox.preferences import KIND_COOKIE
from inbox.views.frame import PART_HEADER, get_principal, page, render_page, show_frame, show_starting

ReadThread = Callable[[Principal], OpenThread]

PARTS: Final = {"rows": "inbox/list/rows.html", "messages": "inbox/thread/messages.html"}


@page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the list alone; as the part `rail` only how the accounts are."""
    if request.headers.get(PART_HEADER) == "rail":
        return show_frame(request, "inbox/page/rail.html", "list", lambda *_: {})
    return _answer(request, "list", None)


@page
def conversation(request: HttpRequest, item_id: str) -> HttpResponse:
    """Show a conversation: its newest messages, those around the one `at` which it opens, or those behind a cursor."""
    account_id, asked, line = parse_account(request.GET), _stretch(request), request.GET.get("line")
    return _answer(request, "thread", lambda principal: read_conversation(principal, item_id, account_id, asked, line))


@page
def comment_thread(request: HttpRequest, item_id: str) -> HttpResponse:
    """Show a comment with its replies."""
    account_id, asked = parse_account(request.GET), _stretch(request)
    return _answer(request, "thread", lambda principal: read_comment_thread(principal, item_id, account_id, asked))


@page
def notices(request: HttpRequest, group_id: str) -> HttpResponse:
    """Show the notices of one type and one day."""
    return _answer(request, "thread", lambda principal: read_notices(principal, group_id))


def _answer(request: HttpRequest, view: str, read_thread: ReadThread | None) -> HttpResponse:
    """Show the thread beside the list that the address asks for. 404 for what is not granted."""
    principal, address = get_principal(request), parse_address(request.GET, _remembered_kind(request))
    part = PARTS.get(request.headers.get(PART_HEADER, ""))
    try:
        thread = read_thread(principal) if read_thread is not None else None
        shown = (
            None
            if part == PARTS["messages"]
            else read_inbox(principal, address, *_window(request), rows_only=bool(part))
        )
        works = find_works(principal, shown.rail, address) if shown is not None and not part else []
    except HubNotReady:
        return show_starting(request)
    except (NotFound, BadRequest) as error:
        raise Http404(error.message) from None
    rail = shown.rail if shown is not None else None
    context = {"view": view, "inbox": shown, "rail": rail, "thread": thread, "address": address, "found_works": works}
    return render_page(request, part or "inbox/list/page.html", context)


def _remembered_kind(request: HttpRequest) -> str | None:
    kind = request.COOKIES.get(KIND_COOKIE)
    return kind if kind in KINDS else None


def _stretch(request: HttpRequest) -> StretchRequest:
    """Return the part of the thread that is asked for. An open page asks again for what it shows."""
    asked = request.GET.get
    return StretchRequest(
        older=asked("older") or None,
        newer=asked("newer") or None,
        first=asked("first") or None,
        last=asked("last") or None,
        at=asked("at") or None,
        joined=asked("joined") == "1",
    )


def _window(request: HttpRequest) -> tuple[int, str | None]:
    """Return how many rows, and the cursor they follow. An open page asks again for as many as it shows."""
    given = request.GET.get("count", "")
    is_number = given.isascii() and given.isdigit() and 0 < len(given) < 6
    return min(int(given), MAX_ROWS) if is_number else ROWS, request.GET.get("cursor") or None
