"""The worker's link to the hub: connects for ever, registers on every connect, hands orders of the hub on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from socket import SOCK_STREAM, getaddrinfo
from typing import Final, NamedTuple, NoReturn, Protocol
from urllib.parse import urlsplit

import structlog
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from crawler.uplink.backoff import Backoff
from crawler.uplink.connection import Connection, ConnectionEnd, LinkError, LinkLost, Order
from crawler.uplink.hub_silence import HubSilence
from sync.protocol.confidential import is_loopback
from sync.protocol.frames import MAX_FRAME_BYTES
from sync.protocol.messages import Ack, Register, RegisterAck, WireMessage
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

_REPLACED: Final = 4000
_REVOKED: Final = 4001
_TOO_LARGE: Final = 1009
_RESTART: Final = 1012
_MIN_FRAME_BYTES: Final = 65_536
# The answer to a registration carries the sessions of all accounts.
_MAX_RECEIVED_BYTES: Final = 64 * 2**20


class LinkRefused(Exception):
    """To connect again is of no use: a person must act."""


class Replaced(LinkRefused):
    """Another worker with this name took over."""


class CredentialRevoked(LinkRefused):
    """The hub no longer takes this token."""


class LinkTiming(Struct, frozen=True, kw_only=True):
    """Limits and waits, in seconds.

    `open`, `answer`, `close`: the longest waits for these. `ping_interval`, `ping_timeout`: how a dead connection is
    found. `stable`: after so long a connection counts as good, and the backoff begins again.
    """

    open: float = 10
    ping_interval: float = 4
    ping_timeout: float = 4
    close: float = 2
    answer: float = 30
    stable: float = 30
    backoff_first: float = 1
    backoff_cap: float = 30


class Orders(Protocol):
    """Does what the hub wants; `CrawlWorker` is one. Calls come one after the other, in the hub's order."""

    async def on_registered(self, ack: RegisterAck) -> None:
        """Take up the assigned accounts: on every connect, before anything else is sent.

        Must not wait for an answer of the hub.
        """
        ...

    async def on_order(self, order: Order) -> Ack:
        """Follow `order` and return its acknowledgement."""
        ...

    async def on_silence(self) -> None:
        """Stop all browsers: the hub was silent for so long that it may give the accounts away.

        Raises whatever kept one of them from that, when all the others are stopped.
        """
        ...


def check_hub_url(url: str, *, insecure: bool) -> str:
    """Return `url` itself. Raises LinkRefused if it is no websocket address, or plain text beyond this machine."""
    wrong = LinkRefused(f"the hub's address must be ws://host:port/ws/worker/ or wss://…, not {url!r}")
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("ws", "wss") and parts.port != 0 else None
    except ValueError:  # half an IPv6 address, or a port that is none
        raise wrong from None
    if not host:
        raise wrong
    if parts.scheme == "ws" and not insecure and not _is_this_machine(host):
        raise LinkRefused(f"{url} is not encrypted: use wss://, or --insecure in a network that you trust")
    return url


def _is_this_machine(host: str) -> bool:
    """Return whether a connection to `host` stays on this machine. Of the names only `localhost` is asked for, and it
    is, like every name, whatever its addresses are here."""
    if host != "localhost":
        return is_loopback(host)
    try:
        found = getaddrinfo(host, None, type=SOCK_STREAM)
    except OSError:
        return False
    return all(is_loopback(str(address[0])) for *_, address in found)


class _Work(NamedTuple):
    """An order or a registration that is to be followed. `silences`: how many there had been when it came."""

    silences: int
    do: Callable[[], Awaitable[None]]


class Uplink:
    """The link to the hub at `url`. `run` keeps it up; `request` works while the worker is registered.

    `register` returns the message of each registration, `clock` gives ms UTC, `on_state` gets connecting, connected or
    reconnecting. `max_frame_bytes` shrinks when the hub finds a frame too large. `connection_number` grows with each
    registration. `silence` counts for how long the hub said nothing; when that is too long, the browsers are stopped
    before anything else is sent.
    """

    def __init__(
        self,
        url: str,
        token: str,
        register: Callable[[], Register],
        orders: Orders,
        clock: Clock,
        *,
        timing: LinkTiming | None = None,
        on_state: Callable[[str], None] = lambda _state: None,
        silence: HubSilence | None = None,
    ) -> None:
        self._url = url
        self._token = token
        self._register_message = register
        self._orders = orders
        self._clock = clock
        self._timing = timing or LinkTiming()
        self._on_state = on_state
        self._backoff = Backoff(self._timing.backoff_first, self._timing.backoff_cap)
        self._connection: Connection | None = None
        self._registered = asyncio.Event()
        self._inbox: asyncio.Queue[_Work] = asyncio.Queue()
        self._silence = silence or HubSilence()
        self._obeying = asyncio.Lock()
        self._silences = 0
        self.max_frame_bytes = MAX_FRAME_BYTES
        self.connection_number = 0

    @property
    def is_confidential(self) -> bool:
        """Return whether a session may travel over this link: nobody on the way can read it."""
        parts = urlsplit(self._url)
        return parts.scheme == "wss" or _is_this_machine(parts.hostname or "")

    async def wait_registered(self) -> None:
        """Return as soon as the worker is registered."""
        await self._registered.wait()

    async def request(self, *messages: WireMessage) -> list[WireMessage]:
        """Send one message, or the parts of one, and return the answer, in parts perhaps. Raises LinkLost, NoAnswer."""
        connection = self._connection
        if connection is None or not self._registered.is_set():
            raise LinkLost("no connection to the hub")
        if self._silence.is_over:  # a process that was stopped for long wakes here
            raise LinkLost("the hub was silent for too long")
        asked_at = self._silence.now()
        answers = await connection.request(messages, self._timing.answer)
        if all(not isinstance(answer, Ack) or answer.success for answer in answers):
            self._silence.heard(asked_at)
        return answers

    async def answer(self, ack: Ack, request_id: str) -> None:
        """Answer an order of the hub, perhaps once more. Raises LinkLost: then the hub knows no answer of this link."""
        connection = self._connection
        if connection is None or not self._registered.is_set():
            raise LinkLost("no connection to the hub")
        await connection.send(ack, request_id)

    async def reset(self, reason: str) -> None:
        """Drop the connection; a new one follows."""
        log.warning("the connection to the hub is dropped", reason=reason)
        if self._connection is not None:
            self._registered.clear()
            await self._connection.close(reason)

    async def run(self) -> NoReturn:
        """Connect and register for ever. Raises LinkRefused."""
        beside = [asyncio.create_task(self._follow_orders()), asyncio.create_task(self._watch_silence())]
        try:
            while True:
                await self._connect_once()
                self._on_state("reconnecting")
                await asyncio.sleep(self._backoff.next_s())
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _watch_silence(self) -> NoReturn:
        while True:
            await asyncio.sleep(self._silence.next_look_s())
            await self._obey_silence()

    async def _obey_silence(self) -> None:
        """Have the browsers stopped if the hub was silent for too long, and begin anew with a connection of its own."""
        async with self._obeying:
            if not self._silence.is_over:
                return
            log.warning("the hub was silent for too long, the browsers are stopped")
            self._registered.clear()
            self._silences += 1
            try:
                await self._orders.on_silence()
            except Exception:
                log.exception("a browser may not have been stopped, it is killed")
                self._silence.obeyed(is_sure=False)
            else:
                self._silence.obeyed()
            if self._connection is not None:
                await self._connection.close("silent for too long")

    async def _connect_once(self) -> None:
        self._on_state("connecting")
        try:
            socket = await self._open()
        except InvalidURI as error:
            raise LinkRefused(str(error)) from error
        except (OSError, TimeoutError, InvalidHandshake) as error:
            log.warning("the hub cannot be reached, trying again", hub=self._url, reason=_why(error))
            return
        started = asyncio.get_running_loop().time()
        try:
            close = await self._serve(socket)
        finally:
            self._registered.clear()
            self._connection = None
            await socket.close()
        if asyncio.get_running_loop().time() - started >= self._timing.stable:
            self._backoff.reset()
        self._judge(close)

    async def _open(self) -> ClientConnection:
        return await connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {self._token}"},
            proxy=None if _is_this_machine(urlsplit(self._url).hostname or "") else True,
            open_timeout=self._timing.open,
            ping_interval=self._timing.ping_interval,
            ping_timeout=self._timing.ping_timeout,
            close_timeout=self._timing.close,
            max_size=_MAX_RECEIVED_BYTES,
            logger=_quiet_logger(),
        )

    async def _serve(self, socket: ClientConnection) -> ConnectionEnd:
        connection = Connection(socket, self._clock, self._take_order)
        self._connection = connection
        reader = asyncio.create_task(connection.read())
        try:
            await self._obey_silence()
            await self._register(connection)
        except LinkError as error:
            log.warning("the hub did not register this worker", reason=str(error))
            await connection.close("not registered")
        except BaseException:
            reader.cancel()
            raise
        return await reader

    async def _register(self, connection: Connection) -> None:
        asked_at = self._silence.now()
        [ack] = await connection.request([self._register_message()], self._timing.open)
        if isinstance(ack, RegisterAck) and ack.success:
            self._silence.heard(asked_at)
            self._put(lambda: self._registered_by(connection, ack))
            return
        assert isinstance(ack, Ack)
        if ack.error_code in ("worker_id_mismatch", "wrong_version"):
            raise LinkRefused(f"the hub refuses this worker: {ack.error_code}: {ack.error_message}")
        raise LinkLost(f"{ack.error_code}: {ack.error_message}")

    async def _registered_by(self, connection: Connection, ack: RegisterAck) -> None:
        await self._orders.on_registered(ack)
        if self._connection is connection:
            self.connection_number += 1
            log.info("registered with the hub", hub=self._url, accounts=len(ack.assigned_accounts))
            self._on_state("connected")
            self._registered.set()

    def _take_order(self, order: Order, request_id: str | None) -> None:
        connection = self._connection
        if connection is not None:
            self._put(lambda: self._follow(connection, order, request_id))

    def _put(self, do: Callable[[], Awaitable[None]]) -> None:
        self._inbox.put_nowait(_Work(self._silences, do))

    async def _follow(self, connection: Connection, order: Order, request_id: str | None) -> None:
        ack = await self._orders.on_order(order)
        try:
            await connection.send(ack, request_id)
        except LinkLost:
            log.info("the connection broke before an order was acknowledged", type=order.TYPE)

    async def _follow_orders(self) -> None:
        while True:
            work = await self._inbox.get()
            await self._obey_silence()
            if work.silences != self._silences or not self._silence.lets_work:
                continue  # it came before or while the browsers were stopped: the next registration says what is true
            try:
                await work.do()
            except Exception:
                log.exception("an order of the hub failed")
                await self.reset("the next registration says again what the hub wants")

    def _judge(self, close: ConnectionEnd) -> None:
        """Decide what the end of a connection means. Raises LinkRefused."""
        if close.by_hub and close.code == _REPLACED:
            raise Replaced("another worker with this name took over; this one ends")
        if close.code == _REVOKED:
            raise CredentialRevoked("the hub revoked this worker's token: make a new one (manage.py workertoken NAME)")
        if close.code == _TOO_LARGE:
            self.max_frame_bytes = max(_MIN_FRAME_BYTES, self.max_frame_bytes // 2)
            log.error("the hub found a frame too large, sending smaller ones", max_bytes=self.max_frame_bytes)
        elif close.code == _RESTART:
            log.info("the hub restarts")
        else:
            log.warning("the connection to the hub ended", code=close.code, reason=close.reason)


def _quiet_logger() -> logging.Logger:
    """Return a logger that keeps silent at DEBUG: the library would log tokens, sessions and what people wrote."""
    logger = logging.getLogger("crawler.websocket")
    logger.setLevel(logging.INFO)
    return logger


def _why(error: Exception) -> str:
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status == 403:
            return "HTTP 403: the token is not valid (replaced, expired or mistyped?)"
        return f"HTTP {status}"
    return str(error) or type(error).__name__


def single(answers: Sequence[WireMessage]) -> Ack:
    """Return the one answer to a request that has one."""
    [answer] = answers
    assert isinstance(answer, Ack)
    return answer
