"""A login in words: what to do now, the code to scan, the field for the second step, the one button."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext
from msgspec import Struct

from im_api.queries import AuthorizedAccount
from im_api.queries.account_overview import get_assigned_worker, get_now
from im_api.queries.login.logins import Login, LoginObstacle, find_obstacle
from inbox import formatting
from inbox.foreign_text import isolate
from inbox.pages.accounts.failures import format_pause

BEGIN: Final = "begin"


class LoginDialog(Struct, frozen=True, kw_only=True):
    """`state`: of the login, `none` before it, `blocked` while something stands in the way. `text`: what to do now.

    `before`, `after`: the sentence around the seconds until the code is renewed at `until` (ms UTC). `button`: begins
    anew; empty for none. `is_over`: nothing more is to be done.
    """

    account_id: str
    name: str
    state: str
    text: str = ""
    before: str = ""
    after: str = ""
    until: int | None = None
    seconds: int = 0
    qrcode: str | None = None
    button: str = ""
    is_over: bool = False

    @property
    def waits(self) -> bool:
        """Return whether it goes on by itself."""
        return self.state in ("starting", "qrcode_ready", "scanned", "code_required")

    @property
    def is_trouble(self) -> bool:
        return self.state in ("blocked", "wrong_account", "failed")


def make_dialog(authorized: AuthorizedAccount, login: Login | None) -> LoginDialog:
    """Return the dialog of the account's login. Raises HubNotReady."""
    account = authorized.account
    name = account.alias or account.name
    obstacle = None if login is not None and login.is_open else find_obstacle(authorized)
    if login is not None and login.state == "success":
        text = gettext("Logged in. “%(account)s” is being read now.") % {"account": isolate(name)}
        return LoginDialog(account_id=account.id, name=name, state=login.state, text=text, is_over=True)
    if obstacle is not None:
        text = _format_obstacle(obstacle, authorized) % {"host": _host(authorized), "account": isolate(name)}
        return LoginDialog(account_id=account.id, name=name, state="blocked", text=text)
    if login is None:
        return LoginDialog(account_id=account.id, name=name, state="none", button=gettext("Show the login code"))
    if login.state == "qrcode_ready":
        return _of_code(account.id, name, login)
    text, button = _format_state(login)
    facts = {
        "account": isolate(name),
        "host": _host(authorized),
        "number": login.hint,
        "platform": formatting.format_platform(account.platform),
    }
    return LoginDialog(account_id=account.id, name=name, state=login.state, text=text % facts, button=button)


def _of_code(account_id: str, name: str, login: Login) -> LoginDialog:
    sentence = gettext("Scan with the phone that is logged in as “%(account)s”; renews in %(s)s s.")
    before, _, after = (sentence % {"account": isolate(name), "s": "\0"}).partition("\0")
    left = max(0, (login.expires_at or 0) - get_now()) // 1000
    return LoginDialog(
        account_id=account_id,
        name=name,
        state=login.state,
        before=before,
        after=after,
        until=login.expires_at,
        seconds=left,
        qrcode=login.qrcode,
    )


def _format_state(login: Login) -> tuple[str, str]:
    """Return (the sentence, the button) of any other state. The sentence has places for facts."""
    again = gettext("New code")
    if login.state == "code_required":
        if login.hint:
            return gettext("%(platform)s sent a code to %(number)s. Type it here."), ""
        return gettext("%(platform)s sent a code to the phone. Type it here."), ""
    if login.is_cut_off:
        return gettext("The computer “%(host)s” stopped in the middle of the login. Ask for a new code."), again
    return {
        "starting": (gettext("Getting the code. This takes up to half a minute."), ""),
        "scanned": (gettext("Scanned. Confirm it on the phone."), ""),
        "wrong_account": (gettext("Another account was scanned. It was not kept; “%(account)s” is wanted."), again),
        "expired": (gettext("Nobody scanned the code in time."), again),
    }.get(login.state, (gettext("The login page could not be read just now."), gettext("Try again")))


def _format_obstacle(obstacle: LoginObstacle, authorized: AuthorizedAccount) -> str:
    """Return what stands in the way of a login, and who can mend it. The sentence has places for facts."""
    return {
        "paused": gettext("“%(account)s” is paused. Let it go on first."),
        "unassigned": gettext("No computer reads “%(account)s” yet. The owner chooses one; it then shows the code."),
        "never_came": gettext("The computer “%(host)s” has never connected. Start the worker there first."),
        "offline": gettext("The computer “%(host)s” is not working. Check that it is on, awake and online."),
        "kept_back": format_pause(get_assigned_worker(authorized)),
        "full": gettext("The computer “%(host)s” reads as many accounts as it may. Another one can show the code."),
        "old_worker": gettext(
            "The computer “%(host)s” runs an older version. It shows the code in its own window; update it."
        ),
        "logged_in": gettext("“%(account)s” is logged in."),
    }[obstacle]


def _host(authorized: AuthorizedAccount) -> str:
    worker = get_assigned_worker(authorized)
    return worker.host if worker is not None else ""
