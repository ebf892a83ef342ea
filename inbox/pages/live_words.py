"""What the scripts say that keep a page live: ages, the connection, notices, signing in again."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext


def live_words() -> dict[str, str | list[str]]:
    """As `script_words`: a list is for one, and for more."""

    def counted(one: str, more: str) -> list[str]:
        return [ngettext(one, more, 1), ngettext(one, more, 2)]

    return {
        "just_now": gettext("just now"),
        "seconds_ago": gettext("%(n)s s ago"),
        "minutes_ago": gettext("%(n)s min ago"),
        "hours_ago": gettext("%(n)s h ago"),
        "days_ago": gettext("%(n)s d ago"),
        "seen": gettext("seen %(ago)s"),
        "no_update": gettext("no update for %(n)s min"),
        "not_sure": counted(
            "No new messages seen, but %(n)s account is not updating.",
            "No new messages seen, but %(n)s accounts are not updating.",
        ),
        "connection_lost": gettext("Connection lost, reconnecting. You see the state of %(time)s."),
        "connected_again": gettext("Connected again, everything is up to date."),
        "offline": gettext("This device is offline. It updates by itself when the network is back."),
        "not_pushed": gettext("Updated every 10 seconds"),
        "live": gettext("Live"),
        "not_read": gettext("That could not be read just now. Trying again in 10 seconds."),
        "request_id": gettext("Number of the failed request: %(id)s"),
        "details": gettext("Details"),
        "unsaved": counted(
            "%(n)s change is saved when the connection is back",
            "%(n)s changes are saved when the connection is back",
        ),
        "signed_out": gettext("You are signed out."),
        "sign_in": gettext("Sign in"),
        "wrong_password": gettext("That name and password do not belong together. Check both and try again."),
        "locked_out": gettext("Too many wrong passwords for this name. Wait a few minutes and try again."),
        "not_reached": gettext("The hub could not be reached. Try again in a moment."),
        "back": counted(
            "“%(account)s” is back. %(n)s item from the gap was fetched, %(m)s unread.",
            "“%(account)s” is back. %(n)s items from the gap were fetched, %(m)s unread.",
        ),
        "notice_summary": counted("%(n)s new message while you were away", "%(n)s new messages while you were away"),
        "notice_text": gettext("New message"),
        "notices_denied": gettext("The browser blocks notices from this address. Allow them beside its address bar."),
        "saved": gettext("Saved."),
        "not_allowed_here": gettext("Only an owner may do that."),
    }
