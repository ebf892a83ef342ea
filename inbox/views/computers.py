"""Adding a computer that reads accounts: a name, a pairing code, the commands, and whether it came."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from im_api.access import Principal
from im_api.errors import BadRequest
from im_api.queries import list_authorized
from im_api.queries.account_overview import get_now
from im_api.queries.login.computers import MAX_LABEL, add_computer, get_computer, renew_code
from inbox.pages.login.commands import list_commands
from inbox.views.account_forms import SEE_OTHER, WRONG, for_owners
from inbox.views.frame import show_frame


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def add(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Ask what the computer is called; POST makes it and leads to its page."""
    label, wrong = request.POST.get("label", ""), ""
    if request.method == "POST":
        try:
            computer = add_computer(label)
        except BadRequest as error:
            wrong = _format_wrong(error)
        else:
            return HttpResponseRedirect(reverse("computer", args=[computer.name]), status=SEE_OTHER)
    context = {"label": label, "wrong": wrong, "most": MAX_LABEL}
    return show_frame(request, "inbox/computer/add.html", "accounts", lambda *_: context, WRONG if wrong else 200)


@require_http_methods(["GET", "HEAD"])
@for_owners
def show(request: HttpRequest, principal: Principal, name: str) -> HttpResponse:
    """Show the code and the commands, or that the computer came."""
    computer = get_computer(name)
    public = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    code = computer.code
    context = {
        "computer": computer,
        "commands": list_commands(code.code, public) if code is not None else [],
        "minutes": -(-(code.expires_at - get_now()) // 60_000) if code is not None else 0,
        "has_account": bool(list_authorized(principal)),
        "is_local": "//127.0.0.1" in public or "//localhost" in public,
    }
    return show_frame(request, "inbox/computer/show.html", "accounts", lambda *_: context)


@require_POST
@for_owners
def renew(request: HttpRequest, principal: Principal, name: str) -> HttpResponse:
    """Make a new code; the one before ends."""
    renew_code(name)
    return HttpResponseRedirect(reverse("computer", args=[name]), status=SEE_OTHER)


def _format_wrong(error: BadRequest) -> str:
    if "already" in error.message:
        return gettext("There is such a computer already.")
    return gettext("Give it a name of at most %(n)s characters.") % {"n": MAX_LABEL}
