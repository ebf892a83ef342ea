"""The worker: follows the hub's assignments, one crawl per account, and ends in order."""

import asyncio
import platform
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from msgspec.structs import replace

from crawler.account.crawl import Crawl
from crawler.account.needs import Sessions
from crawler.account.status import StatusBoard
from crawler.display import Display
from crawler.errors import AccountRefused
from crawler.heartbeat import SessionKeeper, send_heartbeats, send_statuses
from crawler.login_reports import LoginReports
from crawler.platforms.base import Adapter, PlatformFactory
from crawler.replies.desk import ReplyDesk
from crawler.replies.journal import ReplyJournal
from crawler.runner_hooks import RunnerHooks
from crawler.uplink.connection import LinkError
from crawler.uplink.data_pusher import DataPusher
from crawler.uplink.hub_silence import HubSilence
from crawler.uplink.uplink import Uplink, check_hub_url
from crawler.worker_options import WorkerOptions, now_ms
from sync.protocol.login_messages import (
    CAN_LOG_IN,
    AccountLogin,
    AccountLoginAck,
    LoginCode,
    LoginCodeAck,
)
from sync.protocol.messages import (
    AccountLogout,
    AccountLogoutAck,
    AccountStatus,
    AccountUse,
    Ack,
    AssignedAccount,
    Goodbye,
    Register,
    RegisterAck,
    TaskAssign,
    TaskAssignAck,
    TaskRevokeAck,
)
from sync.protocol.reply_messages import CAN_REPLY, CAN_SHOW_WINDOW, ReplyRequest
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

REPLY_S: Final = 3.0
FLUSH_S: Final = 3.0
GOODBYE_S: Final = 1.0
"""The parts of a stop, which takes 10 s at most: for a reply on its way, for what is unacknowledged, for a farewell."""


class CrawlWorker:
    """One worker. It runs until `stop` is called or the hub does not want it any more.

    `platforms` makes adapters by platform name, `sessions` makes browser contexts, `clock` gives ms UTC. `silence`
    counts for how long the hub said nothing.
    """

    def __init__(
        self,
        options: WorkerOptions,
        platforms: Mapping[str, PlatformFactory],
        sessions: Sessions,
        display: Display,
        clock: Clock = now_ms,
        silence: HubSilence | None = None,
    ) -> None:
        self._options = options
        self._platforms = platforms
        self._sessions = sessions
        self._display = display
        self._clock = clock
        self._crawls: dict[str, Crawl] = {}
        self._waiting: dict[str, AssignedAccount] = {}
        # Accounts whose session the hub has. If it names one of them without a session, its owner logged it out.
        self._stored: set[str] = set()
        self._changing = asyncio.Lock()
        self._losing: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self.board = StatusBoard(self._show_account)
        self.uplink = Uplink(
            check_hub_url(options.hub, insecure=options.insecure),
            options.token,
            self._register,
            self,
            clock,
            timing=options.uplink,
            on_state=self._show_link,
            silence=silence,
        )
        self.replies = ReplyDesk(self.uplink, ReplyJournal(options.replies_file), options.replies)
        self.pusher = DataPusher(self.uplink, clock, on_answer=self._on_answer, deltas=options.deltas)
        self.keeper = SessionKeeper(self.uplink, self._stored.add)
        self.logins = LoginReports(self.uplink)
        self._hooks = RunnerHooks(
            self.uplink,
            self.board,
            self.keeper,
            self.logins,
            display,
            is_crawled=self._crawls.__contains__,
            on_refused=self._on_answer,
        )

    async def run(self) -> None:
        """Follow the hub until `stop`. Raises LinkRefused."""
        o = self._options
        running = [
            asyncio.create_task(self.uplink.run()),
            asyncio.create_task(send_heartbeats(self.uplink, o.worker_id, self._uses, o.heartbeat_s)),
            asyncio.create_task(send_statuses(self.uplink, self.board, o.status_s)),
            asyncio.create_task(self.keeper.run()),
            asyncio.create_task(self.logins.run()),
            asyncio.create_task(self.replies.sender.run()),
        ]
        stop = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([stop, *running], return_when=asyncio.FIRST_COMPLETED)
            await self._wind_up(flush=stop in done)
        finally:
            await asyncio.gather(*(crawl.stop() for crawl in self._crawls.values()))
            for task in (stop, *running, *self._losing):
                task.cancel()
            results = await asyncio.gather(*running, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result

    def stop(self) -> None:
        """End `run` in order: a reply on its way ends, crawls stop, what is unacknowledged is sent, the accounts are
        handed back. Takes 10 s at most.
        """
        self._stop.set()

    async def _wind_up(self, *, flush: bool) -> None:
        self._stop.set()
        await self.replies.close(REPLY_S if flush else 0)
        crawls = list(self._crawls.values())
        await asyncio.gather(*(crawl.stop() for crawl in crawls))
        if flush:
            for crawl in crawls:
                crawl.manager.sync_to_master()
            if not await self._flush():
                log.warning("the hub did not acknowledge everything", accounts=sorted(self.pusher.unacknowledged()))
            await self._say_goodbye()
        await self.pusher.close()

    async def _flush(self) -> bool:
        """Send what the hub does not have: results of replies, and what was read. Return whether it has all of it."""
        with suppress(TimeoutError, LinkError):
            async with asyncio.timeout(FLUSH_S):
                return all(await asyncio.gather(self.pusher.flush(FLUSH_S), self.replies.sender.send_all()))
        return False

    async def _say_goodbye(self) -> None:
        """Hand the accounts back: the hub need not wait before it gives them to another worker."""
        with suppress(TimeoutError, LinkError):
            async with asyncio.timeout(GOODBYE_S):
                await self.uplink.request(Goodbye(worker_id=self._options.worker_id))

    def _register(self) -> Register:
        o = self._options
        return Register(
            worker_id=o.worker_id,
            host=platform.node(),
            host_id=o.host_id,
            instance=o.instance,
            version=o.version,
            capabilities=[*sorted(self._platforms), CAN_LOG_IN, *self._can_reply()],
            max_accounts=o.max_accounts,
        )

    def _can_reply(self) -> list[str]:
        if self._options.replies_file is None:
            return []
        return [CAN_REPLY, CAN_SHOW_WINDOW] if self._options.has_window else [CAN_REPLY]

    def _uses(self) -> dict[str, AccountUse]:
        return {account_id: crawl.use for account_id, crawl in self._crawls.items()}

    def _show_link(self, state: str) -> None:
        if state == "reconnecting":
            self.replies.link_lost()
        self._display.show_link(state)

    # -- orders of the hub

    async def on_registered(self, ack: RegisterAck) -> None:
        """Take up the accounts that the hub assigned, release the others, and send full snapshots."""
        assigned = {account.account_id: account for account in ack.assigned_accounts}
        async with self._changing:
            gone = (self._crawls.keys() | self._waiting.keys()) - assigned.keys()
            for account_id in gone:
                await self._release(account_id)
            for account in assigned.values():
                await self._assign(account)
        # The hub may have missed changes: a full snapshot carries them all.
        for crawl in self._crawls.values():
            crawl.manager.repeat_newest()
            crawl.manager.sync_to_master(full=True)
        self.board.mark()
        self.logins.repeat()

    async def on_order(self, order: object) -> Ack:
        """Follow one order of the hub and return its acknowledgement."""
        async with self._changing:
            return await self._follow(order)

    async def on_silence(self) -> None:
        """Stop all browsers and keep what the hub did not acknowledge. The next registration begins again."""
        self.replies.link_lost()
        async with self._changing:
            rests = [self._rest(account_id, crawl) for account_id, crawl in self._crawls.items()]
            ends = await asyncio.gather(*rests, return_exceptions=True)
        if failed := [end for end in ends if isinstance(end, BaseException)]:
            raise failed[0]

    async def _rest(self, account_id: str, crawl: Crawl) -> None:
        await self.replies.drop(account_id)
        await crawl.rest()
        self.logins.forget(account_id)
        self.board.update(account_id, worker_status="waiting")

    async def _follow(self, order: object) -> Ack:
        if isinstance(order, TaskAssign):
            await self._assign(order.account)
            return TaskAssignAck(success=True)
        if isinstance(order, AccountLogout):
            await self._log_out(order.account_id)
            return AccountLogoutAck(success=True)
        if isinstance(order, AccountLogin):
            await self._log_in(order)
            return AccountLoginAck(success=True)
        if isinstance(order, ReplyRequest):
            return self.replies.take(order, self._crawls.get(order.account_id))
        if isinstance(order, LoginCode):
            return LoginCodeAck(success=self.logins.take_typed(order.session_id, order.code))
        await self._release(getattr(order, "account_id", ""))
        return TaskRevokeAck(success=True)

    async def _assign(self, account: AssignedAccount) -> None:
        account_id = account.account_id
        running = self._crawls.get(account_id)
        was_logged_out = account.storage_state is None and account_id in self._stored
        if account.storage_state is not None:
            self._stored.add(account_id)
        if was_logged_out:
            log.info("the account was logged out meanwhile", account=account_id)
            await self._end_session(account_id)
        elif running is not None:
            if running.is_same_task(account, seen=self._with_number(running.account).platform_user_id):
                if not self._stop.is_set():
                    running.resume()
                return
            # The hub may not have the newest session yet: a change of configuration must not lose it.
            account = replace(account, storage_state=account.storage_state or running.storage_state)
            await self._drop(account_id)
        self._waiting[account_id] = account
        self._start_waiting()

    async def _release(self, account_id: str) -> None:
        """Stop the account's crawl and forget everything of it: it is no longer this worker's."""
        self._waiting.pop(account_id, None)
        await self._drop(account_id)
        self.keeper.forget(account_id)
        self._stored.discard(account_id)
        self.board.remove(account_id)
        self._display.forget_account(account_id)
        log.info("account released", account=account_id)
        self._start_waiting()

    async def _log_out(self, account_id: str) -> None:
        """End the account's session; the account then waits for a new login."""
        crawl = self._crawls.get(account_id)
        account = crawl.account if crawl is not None else self._waiting.get(account_id)
        await self._end_session(account_id)
        if account is not None:
            self._waiting[account_id] = replace(self._with_number(account), storage_state=None)
            self._start_waiting()

    async def _log_in(self, order: AccountLogin) -> None:
        """Show the login page of the account, or report on the one that is shown. A login that still works is kept."""
        account_id = order.account_id
        if self.logins.ask(account_id, order.session_id):
            return
        crawl = self._crawls.get(account_id)
        if crawl is None:
            self.logins.note(account_id, "failed", error="no place for the account on this worker")
            return
        account = replace(self._with_number(crawl.account), storage_state=crawl.storage_state)
        await self._drop(account_id)
        self._start(account)

    def _with_number(self, account: AssignedAccount) -> AssignedAccount:
        """Return the account with the number that was read here, if the hub gave none: another login is refused."""
        seen = self.board.get_platform_user_id(account.account_id)
        return replace(account, platform_user_id=account.platform_user_id or seen)

    async def _end_session(self, account_id: str) -> None:
        """End the account's crawl and forget its session."""
        running = account_id in self._crawls
        await self._drop(account_id)
        self.keeper.forget(account_id)
        self._stored.discard(account_id)
        if running:
            self.board.update(
                account_id, login_status="not_logged_in", worker_status="waiting", last_error_message=None
            )

    def _on_answer(self, account_id: str, ack: Ack) -> None:
        crawl = self._crawls.get(account_id)
        if ack.error_code != "not_assigned" or crawl is None or self._stop.is_set():
            return
        log.warning("the account is another worker's by now", account=account_id)
        # In a task of its own: the task that brings this answer is cancelled with the crawl.
        task = asyncio.create_task(self._lose(account_id, crawl))
        self._losing.add(task)
        task.add_done_callback(self._losing.discard)

    async def _lose(self, account_id: str, crawl: Crawl) -> None:
        async with self._changing:
            if self._crawls.get(account_id) is crawl:
                await self._release(account_id)

    async def _drop(self, account_id: str) -> None:
        crawl = self._crawls.pop(account_id, None)
        if crawl is not None:
            await self.replies.drop(account_id)
            await crawl.stop()
            self.logins.forget(account_id)
            await self.pusher.forget(account_id)

    def _start_waiting(self) -> None:
        for account_id in list(self._waiting):
            if len(self._crawls) >= self._options.max_accounts:
                log.info("accounts wait for a place", accounts=sorted(self._waiting))
                return
            self._start(self._waiting.pop(account_id))

    def _start(self, account: AssignedAccount) -> None:
        if self._stop.is_set():  # a farewell says that no browser is open
            self._waiting[account.account_id] = account
            return
        log.info("account assigned", account=account.account_id, platform=account.platform)
        crawl = self._crawls[account.account_id] = Crawl(
            account,
            self._make_adapter,
            self._sessions,
            self.pusher,
            self._hooks,
            self._clock,
            sync=self._options.sync,
            timing=self._options.runner,
        )
        self.board.update(account.account_id, worker_status="waiting")
        crawl.start()

    def _make_adapter(self, account: AssignedAccount) -> Adapter:
        factory = self._platforms.get(account.platform)
        if factory is None:
            raise AccountRefused(f"this worker does not know the platform {account.platform!r}")
        return factory(account, self._options.platform_settings, self._clock)

    def _show_account(self, status: AccountStatus) -> None:
        crawl = self._crawls.get(status.account_id)
        self._display.show_account(crawl.account.name if crawl else status.account_id, status)
