"""The server that tests start, and which of them run on it."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.on_postgres import has_no_database, touches_database
from tests.postgres import running_server


@pytest.mark.e2e
def test_a_server_ends_with_the_process_that_started_it_however_that_went() -> None:
    code = (
        "import sys, time; from tests.postgres import Server; server = Server(durable=False); server.start();"
        "print(server.url('postgres'), server.place, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        url, place = owner.stdout.readline().split()
        psycopg.connect(url).close()
        owner.kill()
    deadline = time.monotonic() + 60
    while (Path(place) / "data" / "postmaster.pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    shutil.rmtree(place)


@pytest.mark.e2e
def test_a_removed_server_leaves_nothing_behind_and_a_restarted_one_all() -> None:
    with running_server() as server:
        server.create_database("hub")
        server.stop()
        server.start()
        psycopg.connect(server.url("hub")).close()
    assert not server.place.exists()


def test_who_uses_the_database_runs_on_postgresql(request: pytest.FixtureRequest, db: None) -> None:
    assert touches_database(request.node)


@pytest.mark.django_db
def test_who_is_marked_for_the_database_runs_on_postgresql(request: pytest.FixtureRequest) -> None:
    assert touches_database(request.node)


def test_who_does_not_touch_the_database_does_not_run_twice(request: pytest.FixtureRequest) -> None:
    assert not touches_database(request.node)


def test_no_room_that_is_left_out_on_postgresql_has_a_test_that_touches_the_database(
    request: pytest.FixtureRequest,
) -> None:
    """Said of all that this process collected, which in a whole run are all tests."""
    left_out = [item for item in request.session.items if has_no_database(item.path)]
    assert [item.nodeid for item in left_out if touches_database(item)] == []
