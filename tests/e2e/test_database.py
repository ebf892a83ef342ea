"""PostgreSQL itself goes and comes back under a running hub."""

import pytest

from tests.e2e.cast import Operator, make_cast
from tests.e2e.steady_worker import SteadyWorker
from tests.postgres import Server
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)]


def test_while_the_database_is_away_reads_go_on_and_writes_are_told_to_come_again(
    place: Installation, server: Server
) -> None:
    cast = make_cast(place, Operator("ann", {"a": "read"}))
    reader = cast.tokens["ann"]
    hub = place.start_hub()

    def held() -> set[str]:
        return {row["msg_id"] for row in place.walk("/api/im/messages?account_id=a&count=200", "messages", reader)}

    with SteadyWorker(place, cast.worker_token) as worker:
        eventually(lambda: worker.acknowledged, "the first answer", 60)
        server.stop()
        try:
            eventually(lambda: worker.refused, "the worker is told that its snapshot was not kept", 60)
            # What was sent just before the end may have been committed without an answer.
            assert worker.acknowledged <= held()
            before = set(worker.acknowledged)
        finally:
            server.start()
        eventually(lambda: worker.acknowledged - before, "an answer after the restart", 60)
    assert set(worker.refused) == {"busy"}
    assert hub.alive
    assert worker.acknowledged <= held()
    hub.kill()
    place.start_hub()
    assert worker.acknowledged <= held()
