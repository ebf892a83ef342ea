"""What a person can do next: about the state of an account, and on a hub that has read nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from im_api.queries.account_overview import AssignedWorker
from im_api.queries.owner import list_workers
from inbox.pages.account_state import CardState
from inbox.pages.accounts.failures import Remedy


class NextStep(Struct, frozen=True, kw_only=True):
    """A link of the owner's. `is_dialog`: it opens over the page. `is_done`: it was done already. `is_next`: it is the
    one to do now."""

    text: str
    href: str
    is_dialog: bool = False
    is_done: bool = False
    is_next: bool = False


def format_hint(state: CardState, worker: AssignedWorker | None, conversations: int, *, can_log_in: bool) -> str:
    """Return what can be done about the state, or what follows from it; empty for nothing."""
    host = worker.host if worker is not None else ""
    if state.kind == "login":
        if can_log_in:
            return gettext("Scan a code with the phone of the account.")
        return _format_login(worker) % {"host": host}
    if state.kind == "page":
        kept = gettext("Everything else works; what was read before is kept.")
        return kept if state.rest_works else gettext("What was read before is kept.")
    if state.kind == "reading":
        return gettext("%(n)s conversations so far. History raises no alerts.") % {"n": conversations}
    hints = {
        "worker": gettext("Check that the computer “%(host)s” is on, awake and online."),
        "stale": gettext("The computer “%(host)s” is connected and reads nothing. Start it anew there."),
        "unassigned": gettext("Nothing comes in before a computer reads it."),
        "full": gettext("The computer “%(host)s” reads as many accounts as it may. Another one can read it."),
        "error": gettext("The computer “%(host)s” says in its window what went wrong."),
        "retrying": gettext("The computer “%(host)s” tries again by itself."),
        "starting": gettext("The computer “%(host)s” opens the account; this takes a minute or two."),
    }
    if state.kind == "worker" and worker is not None and not worker.has_come:
        return gettext("Start the worker “%(host)s” on its computer.") % {"host": host}
    return hints.get(state.kind, "") % {"host": host}


def log_in_step(account_id: str) -> NextStep:
    """Return the link that shows the login code of the account."""
    return NextStep(text=gettext("Log in by QR"), href=reverse("account-login", args=[account_id]), is_dialog=True)


def _format_login(worker: AssignedWorker | None) -> str:
    if worker is None:
        return gettext("No computer reads it. The one that does shows the login code.")
    if not worker.is_online:
        return gettext("The computer “%(host)s” shows the login code once it is on, awake and online.")
    if worker.is_full:
        return gettext("The computer “%(host)s” reads as many accounts as it may. Another one can show the login code.")
    return gettext("The computer “%(host)s” shows its login code. Scan it with the phone.")


def choose_step(
    account_id: str,
    state: CardState,
    worker: AssignedWorker | None,
    workers: Sequence[str],
    remedy: Remedy | None = None,
) -> NextStep | None:
    """Return the owner's link that mends the state; None where no page can. `workers`: the names of all. `remedy`:
    what helps against a failure that the worker reports."""
    lacks_computer = (
        state.kind in ("unassigned", "full")
        or remedy == "computer"
        or (state.kind == "login" and (worker is None or worker.is_full))
    )
    if lacks_computer and any(worker is None or name != worker.name for name in workers):
        href = reverse("account-move", args=[account_id])
        return NextStep(text=gettext("Choose a computer"), href=href, is_dialog=True)
    if lacks_computer:
        return NextStep(text=gettext("Add a computer"), href=reverse("computer-add"))
    if state.kind in ("worker", "login") and worker is not None and not worker.has_come:
        return NextStep(text=gettext("How to start it"), href=reverse("computer", args=[worker.name]))
    return None


def list_first_steps(*, has_account: bool) -> list[NextStep]:
    """Return what an owner does first on a new hub, in order; empty once all is done. Raises HubNotReady."""
    has_computer = bool(list_workers())
    if has_account and has_computer:
        return []
    computer = NextStep(
        text=gettext("Add a computer"), href=reverse("computer-add"), is_done=has_computer, is_next=True
    )
    account = NextStep(
        text=gettext("Add an account"),
        href=reverse("account-add"),
        is_dialog=True,
        is_done=has_account,
        is_next=has_computer,
    )
    return [computer, account]
