"""Replies on their way, as they stand under what they answer: each with its state in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from django.utils.translation import gettext, gettext_noop, ngettext
from msgspec import Struct

from im_api.access import Principal
from im_api.queries import AuthorizedAccount
from im_api.queries.account_overview import get_assigned_worker, get_now
from im_api.queries.sending.outlook import list_turns
from im_api.queries.sending.standing import (
    NEVER,
    RETRIABLE,
    Reason,
    Reply,
    ReplyKind,
    Turn,
    is_seen_as_item,
    list_replies_of,
)
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import isolate

TargetKey = Literal["conversation_id", "discussion_id", "content_id"]
KEYS: Final[Mapping[ReplyKind, TargetKey]] = {
    "message": "conversation_id",
    "comment": "discussion_id",
    "work": "content_id",
}
CANCELLED_MS: Final = 30_000
"""So long the page says that one was taken back."""
ENDED_MS: Final = 7 * 86_400_000
"""So long one that did not arrive stays under what it answers, unless somebody tries it again."""
SENT_MS: Final = 86_400_000
NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_TONES: Final = {"sent": "ok", "refused": "bad", "failed": "bad", "unknown": "warn"}
REASONS: Final = {
    "no_worker": gettext_noop("its computer was not there"),
    "mode_off": gettext_noop("the account does not send any more"),
    "worker_silent": gettext_noop("its computer did not finish typing"),
    "worker_lost": gettext_noop("its computer, or the browser there, was not ready several times"),
    "wrong_target": gettext_noop("something else opened than what is answered"),
    "target_not_found": gettext_noop("what is answered was not found there"),
    "logged_out": gettext_noop("the account needs a new login"),
    "editor_changed": gettext_noop("the page's field to write in has changed"),
    "not_sent": gettext_noop("nobody pressed Enter"),
    "not_supported": gettext_noop("its computer cannot answer that yet"),
    "self_visible": gettext_noop("only the account itself sees it"),
    "page_changed": gettext_noop("the platform's page has changed"),
    "check": gettext_noop("the platform wants to see a person"),
    "risk": gettext_noop("the platform warned of this account"),
    "kicked": gettext_noop("the platform ended its session"),
    "in_review": gettext_noop("the platform examines it first, nobody has received it yet"),
    "stopped": gettext_noop("its computer was told to stop"),
    "too_slow": gettext_noop("it took too long"),
    "starting": gettext_noop("its computer was only just starting"),
    "browser": gettext_noop("the browser on its computer failed"),
    "disk": gettext_noop("its computer could not write to its disk"),
    "error": gettext_noop("something failed on its computer"),
}
"""Why nothing was sent, by code; what is not here is said in the words that came with it."""
_TAKEN: Final = frozenset({"self_visible", "in_review"})
"""The platform took it and keeps it from the other side."""


class ReplyLine(Struct, frozen=True, kw_only=True):
    """A reply that was written here.

    `shown`: its text with glyphs. `words`: its state. `tone`: wait, ok, warn, bad. `by`: empty for the reader's own.
    `key`, `target`: whom it answers, as the form sends it. `to`: the person, where a thread has several. `client_id`:
    as the page knows it that wrote it. `is_unknown`: it may have arrived.
    """

    id: str
    client_id: str
    route: str
    account: str
    key: TargetKey
    target: str
    text: str
    shown: str
    words: str
    tone: str
    by: str = ""
    to: str = ""
    may_undo: bool = False
    may_retry: bool = False
    is_unknown: bool = False
    state: str = ""


class ReplyTeller:
    """Says of the replies of one account how far they are. `principal`: who reads it."""

    def __init__(self, principal: Principal, authorized: AuthorizedAccount) -> None:
        self._me = principal.username
        self._may_write = authorized.grant != "read"
        self._authorized = authorized
        account, self._now = authorized.account, get_now()
        self._platform = formatting.format_platform(account.platform)
        self._account = isolate(account.alias or account.name)
        self._worker = get_assigned_worker(authorized)
        self._replies = list_replies_of(authorized)
        self._retried = {reply.retry_of for reply in self._replies if reply.state != "cancelled"}
        self._turns: Mapping[str, Turn] | None = None

    def of_thread(self, kind: ReplyKind, thread_id: str, names: Mapping[str, str] = NOBODY) -> list[ReplyLine]:
        """Return the lines of a conversation (`message`) or of a comment and its replies (`comment`), oldest first.

        `names`: id of a comment -> who wrote it.
        """
        return self._lines([r for r in self._replies if r.kind == kind and r.thread == thread_id], names)

    def of_work(self, content_ids: Sequence[str]) -> list[ReplyLine]:
        """Return the lines of comments under works that are no replies."""
        return self._lines([r for r in self._replies if r.kind == "work" and r.target in content_ids], NOBODY)

    def _lines(self, replies: list[Reply], names: Mapping[str, str]) -> list[ReplyLine]:
        last_sent = max((r.number for r in replies if r.state == "sent"), default=0)
        shown = [reply for reply in replies if self._is_shown(reply, last_sent)]
        return [self._line(reply, names.get(reply.target, "")) for reply in shown]

    def _is_shown(self, reply: Reply, last_sent: int) -> bool:
        """Return whether it says something that the messages themselves do not."""
        if reply.is_unfinished:
            return True
        age = self._now - (reply.ended_at or 0)
        if reply.state == "sent":
            return age < SENT_MS and not is_seen_as_item(self._authorized, reply)
        if reply.state == "cancelled":
            return age < CANCELLED_MS
        is_over = reply.id in self._retried or (reply.state != "unknown" and reply.number < last_sent)
        return age < ENDED_MS and not is_over

    def _line(self, reply: Reply, to: str) -> ReplyLine:
        return ReplyLine(
            id=reply.id,
            client_id=reply.client_id,
            route=f"replies/{reply.id}",
            account=self._authorized.account.id,
            key=KEYS[reply.kind],
            target=reply.target,
            text=reply.text,
            shown=with_emoji(reply.text, self._authorized.account.platform),
            words=self._words(reply),
            tone=_TONES.get(reply.state, "wait"),
            by=reply.by if reply.by != self._me else "",
            to=to,
            may_undo=self._may_write and reply.state in ("held", "queued"),
            may_retry=self._may_write and reply.state in RETRIABLE and reply.id not in self._retried,
            is_unknown=reply.state == "unknown",
            state=reply.state,
        )

    # -- words

    def _words(self, reply: Reply) -> str:
        say: dict[str, Callable[[Reply], str]] = {
            "held": lambda _: gettext("can be taken back within 5 s"),
            "queued": self._queued,
            "typing": self._typing,
            "pressing": self._pressing,
            "sent": lambda one: gettext("sent %(time)s") % {"time": self._when(one.ended_at)},
            "refused": self._refused,
            "failed": lambda one: gettext("Not sent: %(why)s") % {"why": self._why(one)},
            "unknown": lambda _: (
                gettext("Not sure whether it was sent: please look on %(platform)s") % {"platform": self._platform}
            ),
            "cancelled": lambda _: gettext("taken back, nothing was sent"),
        }
        return say[reply.state](reply)

    def _queued(self, reply: Reply) -> str:
        if self._authorized.account.paused:
            sentence = gettext("queued: “%(account)s” is paused, it goes when that goes on")
            return sentence % {"account": self._account}
        if self._worker is None or not self._worker.is_online:
            return self._queued_without_computer()
        self._turns = list_turns(self._authorized) if self._turns is None else self._turns
        turn = self._turns.get(reply.id, Turn(reply.not_before, "pace"))
        if turn.at == NEVER:
            return _format_stop(turn.why)
        before = sum(one.is_unfinished and one.number < reply.number and self._goes(one) for one in self._replies)
        time = {"time": self._when(turn.at), "n": before}
        if before:
            return (
                ngettext(
                    "queued: %(n)s goes before it, sent about %(time)s",
                    "queued: %(n)s go before it, sent about %(time)s",
                    before,
                )
                % time
            )
        if turn.why is None or turn.at <= self._now:  # what waits for nothing was told its time after this page began
            return gettext("queued, goes at once")
        return gettext("queued, sent about %(time)s") % time

    def _queued_without_computer(self) -> str:
        if self._worker is None:
            sentence = gettext("queued: “%(account)s” has no computer, it goes when it has one")
            return sentence % {"account": self._account}
        sentence = gettext("queued: the computer “%(host)s” is not there, it goes when that is back")
        return sentence % {"host": isolate(self._worker.host)}

    def _goes(self, reply: Reply) -> bool:
        """Return whether the reply goes by itself: one that waits for a person holds up no other."""
        turn = (self._turns or {}).get(reply.id)
        return turn is None or turn.at != NEVER

    def _typing(self, reply: Reply) -> str:
        return gettext("being put into the window") if reply.mode == "window" else gettext("being typed")

    def _pressing(self, reply: Reply) -> str:
        if reply.mode != "window":
            return gettext("being sent, %(platform)s has not confirmed it yet") % {"platform": self._platform}
        host = self._worker.host if self._worker is not None else reply.worker
        sentence = gettext("It stands in the window of “%(account)s” on the computer “%(host)s”: press Enter there")
        return sentence % {"account": self._account, "host": host}

    def _refused(self, reply: Reply) -> str:
        why = self._why(reply) if reply.reason is not None and _is_told(reply.reason) else ""
        if not why:
            return gettext("%(platform)s refused it") % {"platform": self._platform}
        if reply.reason is not None and reply.reason.code in _TAKEN:
            return gettext("Not delivered: %(why)s") % {"why": why}
        return gettext("%(platform)s refused it: %(why)s") % {"platform": self._platform, "why": why}

    def _why(self, reply: Reply) -> str:
        """Return the reason: in the platform's own words where it has said some."""
        if reply.reason is None:
            return gettext("nobody knows why")
        known = REASONS.get(reply.reason.code)
        if reply.state == "refused" and reply.reason.text:
            return reply.reason.text
        return gettext(known) if known is not None else reply.reason.text or reply.reason.code

    def _when(self, at: int | None) -> str:
        return formatting.format_moment(at, self._now) if at is not None else ""


def _is_told(reason: Reason) -> bool:
    return bool(reason.text) or reason.code in REASONS


def _format_stop(why: str | None) -> str:
    if why == "stranger":
        return gettext("waits: somebody who never wrote gets one message, until an answer comes")
    return gettext(
        "waits: the platform asked for a check, warned of this account or ended its session."
        " See to it, then try the reply again that it stopped at"
    )
