from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from demo.app import make_app
from demo.options import Options
from demo.site import Site
from demo.wire.common import Links
from demo.world import DemoAccount

NOW_MS = 1_760_200_000_000


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms

    def pass_seconds(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Site:
    return Site(Options(scenario="contract", switches=("*:send_delay_s=0",)), clock)


@pytest.fixture
def alpha(site: Site) -> DemoAccount:
    return site.world.accounts["alpha"]


@pytest.fixture
def links() -> Links:
    return Links("http://demo.test", "/for/alpha", NOW_MS)


@pytest.fixture
def guest(site: Site) -> Iterator[TestClient]:
    """Nobody's browser, on this machine."""
    with TestClient(
        make_app(site), "http://127.0.0.1:8100", client=("127.0.0.1", 5000), follow_redirects=False
    ) as made:
        yield made


@pytest.fixture
def member(site: Site, guest: TestClient) -> TestClient:
    """The same browser, logged in as alpha."""
    site.logins.sessions["session-of-alpha"] = "alpha"
    guest.cookies.set("sessionid", "session-of-alpha")
    return guest
