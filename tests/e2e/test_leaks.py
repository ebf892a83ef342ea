"""Push sockets that come and go in every way leave nothing behind in the hub."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.e2e.cast import Cast, Operator, make_cast
from tests.e2e.contract import sync
from tests.e2e.crowd import Hub, come_and_go
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.servers import Installation

pytestmark = pytest.mark.e2e

MB = 1_000_000
KEPT_FILES = 4
"""SQLite keeps a closed file for the next connection while another one, the writer's, is open: one for each thread that
ever had one at the same time. What is left by connections would be fifty.
"""


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    place = Installation(tmp_path_factory.mktemp("leaks"))
    try:
        cast = make_cast(place, Operator("ann", {"shop": "operate"}), Operator("boss", {}, is_staff=True))
        place.start_hub()
        with cast.worker() as worker:
            said = [a_message(f"m{n}", "c1", n, "shop") for n in range(20)]
            assert sync(worker, "shop", a_snapshot(conversations=[a_conversation("c1", "shop")], messages=said))
        yield cast
    finally:
        place.stop()


@pytest.mark.parametrize(
    ("warm_up", "count"), [(100, 200), pytest.param(500, 2_000, marks=pytest.mark.soak)], ids=["short", "full"]
)
def test_sockets_that_came_and_went_leave_the_hub_as_it_was(cast: Cast, warm_up: int, count: int) -> None:
    hub = Hub(cast, "boss")
    asyncio.run(come_and_go(cast, "ann", warm_up))
    before = hub.at_rest()
    asyncio.run(come_and_go(cast, "ann", count))
    after = hub.at_rest(tasks=before.tasks)
    print(f"{warm_up} + {count} connections: {before} -> {after}, {(after.bytes - before.bytes) / MB:+.1f} MB")
    assert (after.clients, after.sockets) == (before.clients, before.sockets)
    assert after.tasks <= before.tasks
    assert after.files - before.files <= KEPT_FILES
    assert after.bytes - before.bytes < 10 * MB
