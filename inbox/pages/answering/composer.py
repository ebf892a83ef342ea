"""The field in which one answers: as which account, whom, how it goes, and what the account's pace leaves."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext, pgettext
from msgspec import Struct

from im_api import shapes
from im_api.access import Principal
from im_api.queries import AuthorizedAccount
from im_api.queries.account_overview import AssignedWorker, get_assigned_worker, get_now
from im_api.queries.sending.outlook import Outlook, find_mode, get_outlook
from im_api.queries.sending.standing import (
    ReplyKind,
    ReplyMode,
    find_newest_seen,
    list_unsettled_of_thread,
)
from inbox import formatting
from inbox.foreign_text import isolate
from inbox.pages.answering.replies import KEYS, TargetKey


class Composer(Struct, frozen=True, kw_only=True):
    """Says how replies of the account go. `why`: what stands in the way, in words; empty for nothing. `window`: of
    which computer a person presses Enter in. `absent`: that its computer is not there. `pace`: what is left, in words.
    `is_switched_off`: only the owner's choice stands in the way.
    """

    mode: ReplyMode
    why: str
    window: str = ""
    absent: str = ""
    pace: str = ""
    is_switched_off: bool = False

    @property
    def is_on(self) -> bool:
        """Return whether one can write here."""
        return not self.why


class Target(Struct, frozen=True, kw_only=True):
    """Names what one answers, as the form sends it. `person`: whose name saved replies get.

    `based_on`: the newest that the page shows there. `answer`: id of the newest answer of our side by another person
    than the reader, with who wrote it (empty: on the platform) and its words.
    """

    key: TargetKey
    id: str
    person: str
    based_on: str = ""
    answer: str = ""
    answer_by: str = ""
    answer_text: str = ""


def make_composer(authorized: AuthorizedAccount, kind: ReplyKind, target: str = "") -> Composer:
    """Return how one answers there. `target`: id of the conversation, comment or work; empty: one of many."""
    account, platform = authorized.account, formatting.format_platform(authorized.account.platform)
    mode, obstacle = find_mode(authorized)
    name = account.alias or account.name
    if authorized.grant == "read":
        why = gettext("You may read “%(account)s”, and not answer as it.")
    elif obstacle == "paused":
        why = gettext("“%(account)s” is paused: nothing is sent from here.")
    elif obstacle == "unable":
        why = gettext("The computer of “%(account)s” cannot send yet.")
    elif obstacle == "off":
        why = gettext("“%(account)s” does not send from here.")
    else:
        worker, outlook = get_assigned_worker(authorized), get_outlook(authorized, kind, target)
        return Composer(
            mode=mode,
            why="",
            window=worker.host if mode == "window" and worker is not None else "",
            absent=_format_absent(worker),
            pace=format_pace(outlook, get_now()),
        )
    advice = gettext("Reply on %(platform)s as “%(account)s”; once we see your reply it leaves Needs reply by itself.")
    facts = {"account": isolate(name), "platform": platform}
    # Between two sentences Chinese has no gap.
    words = pgettext("sentences", "%(first)s %(second)s") % {"first": why % facts, "second": advice % facts}
    return Composer(mode="off", why=words, is_switched_off=obstacle == "off")


def _format_absent(worker: AssignedWorker | None) -> str:
    if worker is None or worker.is_online:
        return ""
    words = gettext("The computer “%(host)s” is not there now: what is written here waits for it.")
    return words % {"host": isolate(worker.host)}


def format_pace(outlook: Outlook, now: int) -> str:
    """Return what is left and when the next one goes."""
    if outlook.why == "stranger":
        return gettext("Somebody who never wrote gets one message, until an answer comes.")
    if outlook.next_at is None:
        return gettext(
            "Nothing goes: the platform asked for a check, warned of this account or ended its session."
            " See to it, then try the reply again that it stopped at."
        )
    values = {
        "n": outlook.waiting,
        "time": formatting.format_moment(outlook.next_at, now),
        "hour": outlook.left_hour,
        "day": outlook.left_day,
        "most": outlook.per_hour,
        "most_day": outlook.per_day,
    }
    if outlook.why == "hour":
        return gettext("The %(most)s of this hour are used; the next goes about %(time)s.") % values
    if outlook.why == "day":
        return gettext("The %(most_day)s of today are used; the next goes about %(time)s.") % values
    if outlook.why == "night":
        return gettext("Nothing goes at night; the next goes about %(time)s.") % values
    if outlook.why == "refused":
        return gettext("The platform refused the last one; the next goes about %(time)s.") % values
    if outlook.waiting:
        words = ngettext(
            "%(n)s goes before it; the next goes about %(time)s.",
            "%(n)s go before it; the next goes about %(time)s.",
            outlook.waiting,
        )
        return words % values
    if outlook.why == "pace":
        return gettext("The next goes about %(time)s.") % values
    return gettext("%(hour)s more this hour, %(day)s today.") % values


# -- what is answered


def target_of_conversation(
    principal: Principal,
    authorized: AuthorizedAccount,
    conversation_id: str,
    person: str,
    messages: Sequence[shapes.MessageShape],
) -> Target:
    """Return the target of an open conversation, of which the page shows `messages`, the oldest first."""
    me = principal.username
    own = [m for m in messages if m.direction == "outbound" and not m.is_automatic and not m.is_deleted]
    answers = [(m.msg_id, m.answered_by or "", m.content or "") for m in own if m.answered_by != me]
    return _target("message", authorized, principal, conversation_id, person, [m.msg_id for m in messages], answers)


def target_of_comments(
    principal: Principal,
    authorized: AuthorizedAccount,
    discussion_id: str,
    person: str,
    items: Sequence[shapes.DiscussionShape],
) -> Target:
    """Return the target of a comment, of which with its replies the page shows `items`, the oldest first."""
    me = principal.username
    own = [item for item in items if item.is_author_reply and item.answered_by != me]
    answers = [(item.discussion_id, item.answered_by or "", item.content or "") for item in own]
    shown = [item.discussion_id for item in items]
    return _target("comment", authorized, principal, discussion_id, person, shown, answers)


def target_of_work(content_id: str) -> Target:
    """Return the target of a comment under a work: nobody can have answered it meanwhile."""
    return Target(key="content_id", id=content_id, person="")


def _target(
    kind: ReplyKind,
    authorized: AuthorizedAccount,
    principal: Principal,
    target: str,
    person: str,
    shown: Sequence[str],
    answers: Sequence[tuple[str, str, str]],
) -> Target:
    """`shown`: ids of the items of the page. `answers`: (id, who, words) of those of our side."""
    waiting = list_unsettled_of_thread(authorized, kind, target)
    theirs = [reply for reply in waiting if reply.by != principal.username]
    answer = answers[-1] if answers else ("", "", "")
    if theirs:
        answer = theirs[-1].id, theirs[-1].by, theirs[-1].text
    return Target(
        key=KEYS[kind],
        id=target,
        person=person,
        based_on=find_newest_seen(authorized, kind, shown, waiting),
        answer=answer[0],
        answer_by=answer[1],
        answer_text=formatting.one_line(answer[2]),
    )
