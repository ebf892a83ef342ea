"""The accounts page: each account with its state and what its worker read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from alerts.owner import count_broken
from im_api.access import Principal
from im_api.queries import list_authorized
from im_api.queries.health.day import load_last_day
from inbox.pages.account_cards import list_account_details
from inbox.pages.rail import Rail
from inbox.views.frame import page, show_frame


@page
def accounts(request: HttpRequest) -> HttpResponse:
    """Show all accounts. Those that need somebody stand first."""

    def read_context(principal: Principal, rail: Rail) -> dict[str, Any]:
        days = load_last_day(list_authorized(principal))
        broken = count_broken() if principal.is_staff else 0
        return {"accounts": list_account_details(principal, rail.by_need, days), "broken_alerts": broken}

    return show_frame(request, "inbox/accounts/page.html", "accounts", read_context)
