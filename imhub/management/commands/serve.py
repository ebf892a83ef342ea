"""`manage.py serve` runs the hub for production."""

import signal
import socket
import sys
from argparse import SUPPRESS
from contextlib import suppress
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from imhub.asgi import application, edge, known
from imhub.edge.connections import HttpConnection, ServerConfig, WebSocketConnection
from imhub.edge.door import BACKLOG, make_door
from imhub.launcher.hub_processes import HubProcesses, NoneStarts
from imhub.launcher.processes import PortTaken, listen
from sync.storage.database import is_shared

WS_MAX_BYTES = 16 * 1024**2
PING_S = 4
# Longer than proxies keep an idle connection (nginx 60 s, Caddy 120 s): the hub never ends one just as they send on it.
KEEP_ALIVE_S = 150
STOP_S = 5
# A thread that builds indexes makes the event loop late by Python's 5 ms; with this by less than one.
SWITCH_S = 0.0005


class Command(BaseCommand):
    help = "Runs the hub."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="default: IMHUB_HOST")
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: IMHUB_PORT")
        parser.add_argument(
            "--processes",
            type=int,
            default=1,
            help="hub processes behind this one address; more than one need PostgreSQL and Redis",
        )
        parser.add_argument("--one-of-several", action="store_true", help=SUPPRESS)

    def handle(self, *, host: str, port: int, processes: int, one_of_several: bool, **_: Any) -> None:
        if not 0 <= port <= 65535:
            raise CommandError(f"there is no port {port}")
        if processes < 1:
            raise CommandError(f"there is no hub of {processes} processes")
        try:
            if processes > 1:
                serve_by_several(host, port, processes)
                return
            listener = listen(host, port, shares_port=one_of_several)
        except PortTaken as error:
            raise CommandError(str(error)) from error
        sys.setswitchinterval(SWITCH_S)
        reason = run(listener)
        if reason is not None:
            raise CommandError(f"the hub {reason}")


def serve_by_several(host: str, port: int, processes: int) -> None:
    """Serve by so many processes until a signal to end. The system shares connections out among them.

    Raises PortTaken, CommandError.
    """
    if not is_shared():
        raise CommandError(
            f"{processes} processes need a PostgreSQL in IMHUB_DATABASE_URL, which orders what they write, and a Redis "
            "in IMHUB_REDIS_URL, by which they wake each other"
        )
    if not hasattr(socket, "SO_REUSEPORT"):
        raise CommandError("this system cannot share one port among several processes")
    listen(host, port).close()  # nobody else has it
    with listen(host, port, shares_port=True) as place:  # nor will it, while the processes come and go
        arguments = ("serve", "--host", host, "--port", str(place.getsockname()[1]), "--one-of-several")
        try:
            HubProcesses(settings.BASE_DIR / "manage.py", arguments, processes).run()
        except NoneStarts:
            raise CommandError("no process of the hub could start: their lines above say why") from None


def run(listener: socket.socket) -> str | None:
    """Serve until a signal to end. Return what the hub did instead and why, if it could not start or must end."""
    # Uvicorn ends in order and then raises the signal again, which would look like a crash.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server = uvicorn.Server(make_config())
    failures: list[str] = []

    def give_up(reason: str) -> None:
        failures.append(reason)
        server.should_exit = True

    application.on_failure = lambda reason: give_up(f"could not start: {reason}")
    application.on_lost = lambda reason: give_up(f"ended: {reason}")
    with suppress(SystemExit):  # its own exit code for a failed start
        server.run(sockets=[listener])
    if failures:
        return failures[0]
    return None if server.started else "could not start: its lines above say why"


def make_config() -> ServerConfig:
    """Return the server's configuration."""
    door = make_door(settings.MAX_CONNECTIONS, settings.MAX_CONNECTIONS_PER_ADDRESS, settings.TRUSTED_PROXIES)
    edge.door = door
    return ServerConfig(
        application,
        door=door,
        known=known,
        backlog=BACKLOG,
        http=HttpConnection,
        ws=WebSocketConnection,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        lifespan="on",
        ws_max_size=WS_MAX_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
    )
