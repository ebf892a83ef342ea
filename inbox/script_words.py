"""The one catalogue of what scripts say to people, in the language of the device.

`static/inbox/words/catalogue.d.ts` has the same keys.
"""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from inbox.formatting import format_platforms

Words = dict[str, str | list[str]]


def list_script_words() -> Words:
    """Return all words of the scripts by key. A list has the form for one and the form for more."""
    return _list_words_of_actions() | _list_words_of_answering() | _list_words_of_live_pages()


def counted(one: str, more: str) -> list[str]:
    """Return both forms of a sentence that counts. tests.catalogue reads its arguments as ngettext's."""
    return [ngettext(one, more, 1), ngettext(one, more, 2)]


def _with_platforms(text: str) -> str:
    """Fill in the platforms of this hub, and leave the places that a script fills in."""
    return text.replace("%(platforms)s", format_platforms())


def _ask_mark_all() -> list[str]:
    return counted(
        "Mark the %(n)s item in this view as read? Later messages stay unread; nothing changes on %(platforms)s.",
        "Mark the %(n)s items in this view as read? Later messages stay unread; nothing changes on %(platforms)s.",
    )


def _list_words_of_actions() -> Words:
    return {
        "arrived": counted("%(n)s wrote", "%(n)s wrote"),
        "arrived_show": counted(
            "%(n)s thread has something new that you have not seen. Show the first.",
            "%(n)s threads have something new that you have not seen. Show the first.",
        ),
        "arrived_works": counted("%(n)s new", "%(n)s new"),
        "arrived_works_show": counted(
            "%(n)s work has new comments that you have not seen. Show the first.",
            "%(n)s works have new comments that you have not seen. Show the first.",
        ),
        "comments_above": counted("↑ %(n)s new comment", "↑ %(n)s new comments"),
        "heard": counted("%(n)s new message", "%(n)s new messages"),
        "below": counted("↓ %(n)s new", "↓ %(n)s new"),
        "done": gettext("Marked as handled. It returns when they write again."),
        "undone": gettext("Back under Needs reply."),
        "unread": gettext("Marked as unread."),
        "read": gettext("Marked as read."),
        "mark_read": gettext("Mark as read"),
        "pinned": gettext("Pinned."),
        "unpinned": gettext("No longer pinned."),
        "muted": gettext("Muted."),
        "unmuted": gettext("No longer muted."),
        "removed": _with_platforms(gettext("Removed from this inbox. Nothing changed on %(platforms)s.")),
        "several": counted("%(n)s thread changed.", "%(n)s threads changed."),
        "picked": counted("%(n)s picked", "%(n)s picked"),
        "mark_all": [_with_platforms(form) for form in _ask_mark_all()],
        "nothing_unread": gettext("Nothing in this view is unread."),
        "marking": gettext("Marking %(done)s of %(total)s"),
        "marked": gettext("%(done)s marked as read."),
        "marked_some": gettext("%(done)s of %(total)s marked as read; the others could not be saved."),
        "stop": gettext("Stop"),
        "viewing": gettext("%(names)s is here"),
        "undo": gettext("Undo"),
        "try_again": gettext("Try again"),
        "not_saved": gettext("Not saved, put back as it was."),
        "not_allowed": gettext("You may read this account, and not change anything in it."),
        "nobody_waits": gettext("Nobody else is waiting."),
        "copied": gettext("Copied."),
        "picture_gone": gettext("Picture expired"),
        "note_not_saved": gettext("The note could not be saved; it is still here."),
        "reply_saved": gettext("Saved."),
        "reply_refused": gettext("Not saved: %(why)s"),
        "reply_deleted": gettext("Deleted."),
        "copy_by_hand": gettext("Press Ctrl C to copy."),
        "note_saved": gettext("Note saved."),
    }


def _list_words_of_answering() -> Words:
    """Return what the field says in which one answers."""
    return {
        "draft": gettext("Draft"),
        "reply_leaving": gettext("on its way to the hub"),
        "reply_held": gettext("It can be taken back within 5 s, and leaves Needs reply once it has arrived."),
        "reply_undo": gettext("Take back"),
        "reply_taken_back": gettext("Taken back, nothing was sent."),
        "reply_gone": gettext("It cannot be taken back any more."),
        "reply_not_taken": gettext("Not sent, the text is still here: %(why)s"),
        "reply_not_reached": gettext("Not sent, the text is still here. The hub could not be reached."),
        "reply_uncertain": gettext("The hub may have it or not: the text is still here, and sent again it goes once."),
        "reply_not_back": gettext("Not taken back: it may still go. Please try once more."),
        "reply_closed": gettext("This account does not send now. The text is kept as a draft."),
        "reply_answered": gettext("%(name)s has answered meanwhile: %(words)s"),
        "reply_answered_there": gettext("Somebody has answered on the platform meanwhile: %(words)s"),
        "reply_all_the_same": gettext("Send all the same"),
        "reply_did_not_go": gettext("“%(text)s” was not sent."),
        "reply_unsure": gettext("Not sure whether “%(text)s” was sent."),
        "reply_look": gettext("Look"),
        "reply_to": gettext("to %(name)s"),
        "reply_typing": gettext("%(names)s is answering"),
        "reply_room": counted("%(n)s character left", "%(n)s characters left"),
        "reply_too_long": counted("%(n)s character too many", "%(n)s characters too many"),
    }


def _list_words_of_live_pages() -> Words:
    """Return what a page says of its connection, of ages, notices and signing in again."""
    return {
        "just_now": gettext("just now"),
        "seconds_ago": gettext("%(n)s s ago"),
        "minutes_ago": gettext("%(n)s min ago"),
        "hours_ago": gettext("%(n)s h ago"),
        "days_ago": gettext("%(n)s d ago"),
        "waiting_minutes": gettext("waiting %(n)s min"),
        "waiting_hours": gettext("waiting %(n)s h"),
        "waiting_days": gettext("waiting %(n)s d"),
        "minutes": gettext("%(n)s min"),
        "hours": gettext("%(n)s h"),
        "days": gettext("%(n)s d"),
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
        "push_failed": gettext("This browser cannot be reached for alerts. Try again, or use another browser."),
        "saved": gettext("Saved."),
        "not_allowed_here": gettext("Only an owner may do that."),
    }
