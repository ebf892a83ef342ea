"""Takes the hub's requests, and sends each reply once: one of an account at a time."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog
from msgspec import Struct

from crawler.errors import CrawlError, NotPressed, cut_words
from crawler.platforms.base import Permission, ReplyOutcome
from crawler.replies.journal import ReplyJournal
from crawler.replies.outcomes import HANDED_BACK, STOPPED, code_of, outcome_of
from crawler.replies.results import ResultSender
from crawler.uplink.connection import LinkError, LinkLost
from crawler.uplink.uplink import Uplink, single
from sync.protocol.reply_messages import ReplyProgress, ReplyRequest, ReplyRequestAck

log = structlog.get_logger(__name__)

MOST_KNOWN: Final = 50
_LAST_WORDS_S: Final = 5.0
"""So long a reply that is stopped may take to leave the page as it was."""
_NOT_READY_MS: Final = 20_000
_AGAIN_MS: Final = 5_000
"""So soon what was handed back may come again: it then waits here for the page, if that is still being opened."""


class ReplyTiming(Struct, frozen=True, kw_only=True):
    """The longest times, in seconds. `typing`: until the permission, less than the hub waits. `send`, `window`: from
    there to the end, in each mode, again less than the hub waits.
    """

    typing: float = 150
    send: float = 55
    window: float = 595


class ReplyingAccount(Protocol):
    """An account that is at work; `Crawl` is one."""

    @property
    def lease_epoch(self) -> int:
        """The number of the right to speak for it."""
        ...

    async def reply(self, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        """Send the reply. Any error means what `outcome_of` says of it."""
        ...


class ReplyDesk:
    """The replies of all accounts of one worker.

    A reply that is not permitted yet is stopped by anything: a lost link, a lost lease. If its browser is lost, it is
    handed back, and the hub gives it out again. One that is permitted goes on to its end, because only its page can say
    what became of it.
    """

    def __init__(self, uplink: Uplink, journal: ReplyJournal, timing: ReplyTiming | None = None) -> None:
        self._uplink = uplink
        self._journal = journal
        self._timing = timing or ReplyTiming()
        self._sends: dict[str, _Send] = {}
        self.sender = ResultSender(uplink, journal)

    def take(self, request: ReplyRequest, account: ReplyingAccount | None) -> ReplyRequestAck:
        """Begin to send a reply, and return the answer to the hub: it may not be the moment for it."""
        if account is None or account.lease_epoch != request.lease_epoch:
            return _not_now("not_assigned", "the account is not, or not under this lease, at work here")
        if request.account_id in self._sends:
            return _not_now("busy", "another reply of the account is under way")
        send = _Send(request, account, self._uplink, self._journal, self._timing)
        self._sends[request.account_id] = send
        send.task = asyncio.create_task(self._run(send))
        return ReplyRequestAck(success=True)

    async def _run(self, send: "_Send") -> None:
        outcome = await send.run()
        if self._sends.get(send.request.account_id) is send:
            del self._sends[send.request.account_id]
        if outcome is None:
            await self._hand_back(send)
            return
        log.info(
            "a reply ended",
            account=send.request.account_id,
            reply=send.request.reply_id,
            state=outcome.state,
            reason=outcome.reason.code if outcome.reason is not None else None,
        )
        self._journal.ended(send.request, outcome)
        self.sender.wake()

    async def _hand_back(self, send: "_Send") -> None:
        """Refuse the request after all. Over another link the hub does not listen to it, and knows without it."""
        with suppress(LinkLost):
            refusal = _not_now("busy", "nothing was pressed", _AGAIN_MS)
            await self._uplink.answer(refusal, send.request.request_id)

    def link_lost(self) -> None:
        """Stop what was not permitted: the hub gives it to somebody again."""
        for send in self._sends.values():
            send.is_dropped = True
            if not send.is_permitted:
                send.stop()

    async def drop(self, account_id: str) -> None:
        """Stop the account's reply before its page is closed. Takes a few seconds at most."""
        send = self._sends.get(account_id)
        if send is not None:
            send.stop()
            await asyncio.wait([send.task], timeout=_LAST_WORDS_S)

    async def close(self, patience_s: float = 0) -> None:
        """Stop all. What was permitted may go on for `patience_s`; then it counts as unknown, unless its page can say
        more.
        """
        permitted = [send.task for send in self._sends.values() if send.is_permitted]
        await asyncio.gather(*(self.drop(id) for id, send in list(self._sends.items()) if not send.is_permitted))
        if permitted and patience_s:
            await asyncio.wait(permitted, timeout=patience_s)
        await asyncio.gather(*(self.drop(account_id) for account_id in list(self._sends)))


class _Send:
    """One reply on its way, and the permission for it."""

    def __init__(
        self,
        request: ReplyRequest,
        account: ReplyingAccount,
        uplink: Uplink,
        journal: ReplyJournal,
        timing: ReplyTiming,
    ) -> None:
        self.request = request
        self.task: asyncio.Task[None]
        self.is_permitted = self.is_dropped = self._has_asked = False
        self._account, self._uplink, self._journal, self._timing = account, uplink, journal, timing
        self._limit: asyncio.Timeout | None = None
        self._work: asyncio.Task[ReplyOutcome] | None = None

    async def run(self) -> ReplyOutcome | None:
        """Return how the reply ended; None: nothing was pressed, and the hub may give it out again."""
        self._work = asyncio.create_task(self._reply())
        try:
            return await self._work
        except asyncio.CancelledError as error:
            return None if self.is_dropped and not self._has_asked else self._end(error)
        except Exception as error:
            code = code_of(error)
            if code == "error":
                log.exception("a reply did not go", reply=self.request.reply_id)
            else:
                log.warning("a reply did not go", reply=self.request.reply_id, why=_why(error))
            return None if code in HANDED_BACK and not self._has_asked else self._end(error)

    def _end(self, error: BaseException) -> ReplyOutcome:
        cause = NotPressed(STOPPED) if isinstance(error, asyncio.CancelledError) and not self.is_permitted else error
        return outcome_of(cause, is_permitted=self.is_permitted)

    def stop(self) -> None:
        """End it now; its page is left as it was."""
        if self._work is not None:
            self._work.cancel()

    async def _reply(self) -> ReplyOutcome:
        async with asyncio.timeout(self._timing.typing) as self._limit:
            return await self._account.reply(self.request, self)

    async def ask(self, known: Sequence[str]) -> None:
        """Get the hub's permission to press, and keep that it was given. Raises NotPressed: then nothing may be."""
        asked = ReplyProgress(
            reply_id=self.request.reply_id,
            state="pressing",
            attempt=self.request.attempt,
            known=tuple(known)[-MOST_KNOWN:],
        )
        self._keep(self._journal.asked)
        self._has_asked = True  # the hub may have noted that it is pressed, and only we know better
        try:
            ack = single(await self._uplink.request(asked))
        except LinkError as error:
            raise NotPressed(STOPPED) from error
        if not ack.success:
            raise NotPressed(STOPPED)
        self._keep(self._journal.permitted)
        self.is_permitted = True
        if self._limit is not None:
            seconds = self._timing.window if self.request.mode == "window" else self._timing.send
            self._limit.reschedule(asyncio.get_running_loop().time() + seconds)

    def _keep(self, write: Callable[[ReplyRequest], None]) -> None:
        try:
            write(self.request)
        except OSError as error:
            raise NotPressed("disk") from error


def _why(error: Exception) -> str:
    """Return words for the log. A browser's error quotes what stands on the page: texts of people."""
    return f"{type(error).__name__}: {cut_words(error)}" if isinstance(error, CrawlError) else type(error).__name__


def _not_now(code: str, message: str, again_ms: int = _NOT_READY_MS) -> ReplyRequestAck:
    more: dict[str, Any] = {"retry_after_ms": again_ms} if code == "busy" else {}
    return ReplyRequestAck(success=False, error_code=code, error_message=message, **more)
