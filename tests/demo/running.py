"""The demo site beside a test, in a thread of the same process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from demo.options import Options
from demo.server import listen, make_server
from demo.site import Site

START_S = 60.0


@contextmanager
def running_site(options: Options) -> Iterator[tuple[Site, str]]:
    """The site on a free port in a thread of this process, and its origin."""
    site, listener = Site(options), listen(options.host, 0)
    server = make_server(site)
    started = threading.Event()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        origin = f"http://{options.host}:{listener.getsockname()[1]}"
        _wait_until_started(server, thread, started)
        yield site, origin
    finally:
        server.should_exit = True
        thread.join(START_S)
        listener.close()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread, tick: threading.Event) -> None:
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the demo site did not start")
        tick.wait(0.01)
