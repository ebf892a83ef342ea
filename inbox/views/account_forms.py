"""The owner's forms: whole pages, which scripts show as dialogs over the accounts. Nobody else has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from im_api import queries
from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries import AuthorizedAccount, HubNotReady
from im_api.queries.owner import GrantChoice, assign_worker, list_grantees, list_groups, list_workers, set_grants
from inbox.pages.account_forms import AddForm, OwnerForm, PeopleForm, SettingsForm
from inbox.pages.accounts.moving_form import MovingForm
from inbox.pages.accounts.sending_form import SendingForm
from inbox.preferences import in_language
from inbox.views.frame import get_principal, show_frame, show_starting

SEE_OTHER: Final = 303
WRONG: Final = 422


def for_owners(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Decorate a view of the owner's: signed in as staff, in their language, 404 for an account that does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        principal = get_principal(request)
        if not principal.is_staff:
            raise PermissionDenied
        try:
            return view(request, principal, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from None
        except HubNotReady:
            return show_starting(request)

    return never_cache(login_required(in_language(guarded)))


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def add(request: HttpRequest, principal: Principal) -> HttpResponse:
    form = AddForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            authorized = queries.create_account(principal, form.account_fields(), _origin(request))
        except BadRequest as error:
            _blame(form, error)
        else:
            workers = list_workers()
            chosen = form.cleaned_data.get("worker", workers[0] if len(workers) == 1 else None)
            return _save_worker(principal, authorized.account.id, chosen, request)
    return _show(request, form, gettext("Add an account"), button=gettext("Add"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def edit(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    authorized = queries.get_authorized(principal, account_id)
    form = SettingsForm(authorized, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _keep(form, principal, account_id, form.account_fields(), request):
        return _back(account_id)
    return _show(request, form, _about(gettext("Name, colour, group"), authorized))


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def move(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    """Show and keep which computer reads the account, and whether it may go to another one by itself."""
    authorized = queries.get_authorized(principal, account_id)
    form = MovingForm(authorized, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _keep(form, principal, account_id, {"config": form.config()}, request):
        return _save_worker(principal, account_id, form.worker, request)
    return _show(request, form, _about(gettext("Computer that reads it"), authorized), risk=form.risk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def people(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    authorized = queries.get_authorized(principal, account_id)
    known = list_grantees(account_id)
    form = PeopleForm(known, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        levels: dict[int, GrantChoice] = dict(form.levels())
        set_grants(principal, account_id, levels, _origin(request))
        return _back(account_id)
    return _show(request, form, _about(gettext("Who sees it"), authorized), has_people=True, nobody=not known)


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def sending(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    """Show and keep how replies of the account are sent, and at which pace: the owner agrees to what it risks."""
    authorized = queries.get_authorized(principal, account_id)
    form = SendingForm(authorized, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _keep(form, principal, account_id, {"config": form.config()}, request):
        return _back(account_id)
    return _show(request, form, _about(gettext("Answering"), authorized), risk=form.risk)


@require_POST
@for_owners
def pause(request: HttpRequest, principal: Principal, account_id: str) -> HttpResponse:
    """`paused`: true or false."""
    status = "inactive" if request.POST.get("paused") == "true" else "active"
    queries.update_account(principal, account_id, {"status": status}, _origin(request))
    return _back(account_id)


def _save_worker(principal: Principal, account_id: str, worker: str | None, request: HttpRequest) -> HttpResponse:
    assign_worker(principal, account_id, worker or None, _origin(request))
    return _back(account_id)


def _keep(form: OwnerForm, principal: Principal, account_id: str, fields: dict[str, Any], request: HttpRequest) -> bool:
    """Keep what the form says of the account. Return False where that is refused: the form then says why."""
    try:
        queries.update_account(principal, account_id, fields, _origin(request))
    except BadRequest as error:
        _blame(form, error)
        return False
    return True


def _blame(form: OwnerForm, error: BadRequest) -> None:
    """Show at its field what only the hub could refuse, for example a name that somebody took meanwhile."""
    field = error.message.partition(":")[0]
    taken = gettext("There is such an account already.") if field == "user_id" else error.message
    form.add_error(field if field in form.fields else None, taken)


def _show(request: HttpRequest, form: OwnerForm, title: str, **context: Any) -> HttpResponse:
    form.describe()
    shown = {"form": form, "form_title": title, "groups": list_groups(), **context}
    status = WRONG if form.is_bound else 200
    return show_frame(request, "inbox/accounts/form.html", "accounts", lambda *_: shown, status)


def _about(text: str, authorized: AuthorizedAccount) -> str:
    account = authorized.account
    return gettext("%(what)s: “%(account)s”") % {"what": text, "account": account.alias or account.name}


def _back(account_id: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('accounts')}#card-{account_id}", status=SEE_OTHER)


def _origin(request: HttpRequest) -> str:
    return queries.format_origin("browser", request.META["REMOTE_ADDR"])
