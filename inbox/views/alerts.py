"""The owner's page of alerts: when, where to, a test, the log of webhooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alerts import owner
from alerts.owner import NotGood
from im_api.access import Principal
from im_api.queries.account_overview import get_now
from inbox.pages.alerts.forms import ChoicesForm
from inbox.pages.alerts.places import say_wrong, show_delivery, show_place
from inbox.views.account_forms import SEE_OTHER, WRONG, for_owners
from inbox.views.frame import show_frame


def of_a_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that takes a form. Asked by GET, its address leads to the page: whoever looks at what a form
    answered may load it anew, and so does the page itself when something comes in."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.method == "POST" else _back()

    return require_http_methods(["GET", "HEAD", "POST"])(answer)


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def alerts(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Show everything; POST stores when alerts are sent."""
    form = ChoicesForm(owner.load_choices(), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        owner.save_choices(form.choices)
        return _back()
    return _show(request, form=form)


@for_owners
@of_a_form
def add_people(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Add a messenger: `label`, and `address` as Apprise has it."""
    return _add(request, "people", lambda post: owner.add_people(post("label"), post("address"), get_now()))


@for_owners
@of_a_form
def add_program(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Add a webhook: `label`, `address`, `events`. The secret is shown this once."""
    label, address = request.POST.get("label", ""), request.POST.get("address", "")
    try:
        place_id, secret = owner.add_program(label, address, request.POST.getlist("events"), get_now())
    except NotGood as error:
        return _show(request, wrong={"program": error})
    return _show_program(request, place_id, secret)


@for_owners
@of_a_form
def set_watch(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Store where the sign of life goes: `address`; empty for none."""
    return _add(request, "watch", lambda post: owner.set_watch(post("address"), get_now()))


@require_http_methods(["GET", "HEAD"])
@for_owners
def place(request: HttpRequest, principal: Principal, place_id: str) -> HttpResponse:
    """Show what was sent to one destination."""
    return _show_program(request, int(place_id))


@for_owners
@of_a_form
def act(request: HttpRequest, principal: Principal, place_id: str) -> HttpResponse:
    """Do with a destination what `do` says: test, remove, secret, or again with the `delivery`."""
    number, what = int(place_id), request.POST.get("do")
    if what == "secret":
        secret = owner.renew_secret(number, get_now())
        return _show_program(request, number, secret) if secret else _back()
    if what == "again":
        owner.send_again(number, request.POST.get("delivery", ""))
        return HttpResponseRedirect(reverse("alert-place", args=[number]), status=SEE_OTHER)
    if what == "remove":
        owner.remove(number)
        return _back()
    owner.try_out(number, get_now())
    return _back(f"#place-{number}")


def _add(request: HttpRequest, kind: str, add: Callable[[Callable[[str], str]], int | None]) -> HttpResponse:
    try:
        place_id = add(lambda name: request.POST.get(name, ""))
    except NotGood as error:
        return _show(request, wrong={kind: error})
    return _back(f"#place-{place_id}" if place_id is not None else "")


def _show(
    request: HttpRequest, *, form: ChoicesForm | None = None, wrong: dict[str, NotGood] | None = None
) -> HttpResponse:
    form = form or ChoicesForm(owner.load_choices())
    form.describe()
    now = get_now()
    context: dict[str, Any] = {
        "form": form,
        "events": owner.EVENTS,
        "most": owner.MOST_LABEL,
        "wrong": {kind: {error.field: say_wrong(error)} for kind, error in (wrong or {}).items()},
        # What was entered comes back, but for the addresses: they are keys.
        "entered": {kind: request.POST.get("label", "") for kind in wrong or {}},
        "chosen": request.POST.getlist("events"),
    }
    for kind in ("people", "program", "watch"):
        context[kind] = [show_place(one, now) for one in owner.list_places(kind)]
    status = WRONG if wrong or form.is_bound else 200
    return show_frame(request, "inbox/alerts/page.html", "accounts", lambda *_: context, status)


def _show_program(request: HttpRequest, place_id: int, secret: str = "") -> HttpResponse:
    found = owner.get_place(place_id)
    if found is None:
        raise Http404
    now = get_now()
    context = {
        "shown": show_place(found, now),
        "secret": secret,
        "sent": [show_delivery(one, now) for one in owner.list_sent(place_id)],
    }
    return show_frame(request, "inbox/alerts/place.html", "accounts", lambda *_: context)


def _back(anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('alerts')}{anchor}", status=SEE_OTHER)
