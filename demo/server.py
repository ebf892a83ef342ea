"""Runs the site as a process."""

import socket
import sys
from contextlib import suppress

import uvicorn

from demo.app import make_app
from demo.options import Options
from demo.scenarios import UnknownScenario
from demo.site import BadSwitch, Site

GRACE_S = 1


class SitePortTaken(Exception):
    """The port is taken; the message says which."""


def serve(options: Options) -> int:
    """Run the site until SIGINT or SIGTERM, and return the exit code. What is wrong goes to stderr."""
    try:
        site, listener = Site(options), listen(options.host, options.port)
    except (UnknownScenario, BadSwitch, SitePortTaken) as error:
        sys.stderr.write(f"demosite: {error}\n")
        return 1
    sys.stdout.write(welcome(site, f"http://{options.host}:{listener.getsockname()[1]}"))
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in order and raises the signal again
        make_server(site).run(sockets=[listener])
    return 0


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket. Raises SitePortTaken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if sys.platform != "win32":  # there it would share a port that is in use
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SitePortTaken(f"port {port} on {host} is taken ({error.strerror})") from error
    return listener


def make_server(site: Site) -> uvicorn.Server:
    """Return the server of `site`; it does not run yet."""
    config = uvicorn.Config(
        make_app(site), log_level="warning", timeout_graceful_shutdown=GRACE_S, ws="websockets-sansio", lifespan="on"
    )
    return uvicorn.Server(config)


def welcome(site: Site, origin: str) -> str:
    """Return the lines that say where the site and its accounts are."""
    lines = [f"Demo platform ({site.options.scenario}, seed {site.options.seed}) at {origin}/control/"]
    for key, account in site.world.accounts.items():
        lines.append(
            f"  {account.owner.nickname}: {origin}/for/{key}/creator  (douyin number {account.owner.short_id})"
        )
    return "\n".join(lines) + "\n"
