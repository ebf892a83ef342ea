"""Real hubs and imports on data that was damaged, or killed in the middle: whole, or refused in one sentence."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from sync.storage.export_file import Owned, make_document
from tests.e2e.cast import Operator, make_cast
from tests.e2e.test_crash import SEED, a_worker
from tests.servers import Installation
from tests.sync.builders import a_conversation, a_message, an_account
from tests.sync.storage.integrity import assert_sound

pytestmark = pytest.mark.e2e

DATABASE = "imhub.sqlite3"


def refusal(place: Installation, *arguments: str) -> str:
    """What the last line on stderr says."""
    done = place.run("manage.py", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


@pytest.fixture
def killed(place: Installation) -> Installation:
    """A hub acknowledged a snapshot and was killed."""
    cast = make_cast(place, Operator("ann", {"acc-seed": "read"}))
    hub = place.start_hub()
    with a_worker(place, cast.worker_token) as socket:
        socket.send(json.dumps({**SEED, "requestId": "seed"}))
        assert json.loads(socket.recv(10))["payload"]["success"]
        hub.kill()
    return place


def test_what_was_damaged_after_a_kill_is_refused_by_name(killed: Installation) -> None:
    database = killed.data_dir / DATABASE
    log = database.with_name(f"{DATABASE}-wal")
    written = log.read_bytes()
    log.unlink()
    assert "1 changes that were acknowledged are not in the database" in refusal(killed, "serve")
    log.write_bytes(written)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE sync_change SET body = CAST(replace(body, 'content', 'kontent') AS BLOB)")
    assert "account acc-seed: the change of version 1 cannot be read: its checksum" in refusal(killed, "serve")
    assert "account acc-seed: the change of version 1" in refusal(
        killed, "export_snapshot", str(killed.place / "x.json")
    )
    database.write_bytes(b"\x07" * 5000)
    assert f"the database {database}: file is not a database" in refusal(killed, "apitoken", "ann")


def test_a_hub_does_not_start_during_an_import(place: Installation) -> None:
    with FileLock(place.data_dir / "hub.lock"):
        (place.data_dir / "hub.holder").write_text("an import, process 7 on pc")
        reason = refusal(place, "serve")
    assert reason.endswith(f"another hub, or an import, holds {place.data_dir}: an import, process 7 on pc")


def write_document(file: Path, messages: int) -> None:
    account = an_account(
        conversations=[a_conversation()], messages=[a_message(str(n), content="words " * 40) for n in range(messages)]
    )
    owned = Owned(account_id=account.view.account_id, platform="douyin", name="Shop")
    file.write_bytes(msgspec.json.encode(make_document([account.view], [owned])))


# Python by itself goes on when a file may not grow. Undone, the kernel ends it, in the middle of that very write.
KILLED_AT = """
import resource, runpy, signal, sys
limit, *sys.argv = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
runpy.run_path("manage.py", run_name="__main__")
"""


def test_an_import_killed_in_the_middle_leaves_what_was_there_before(place: Installation, tmp_path: Path) -> None:
    small, large = tmp_path / "small.json", tmp_path / "large.json"
    write_document(small, 5)
    write_document(large, 1_000)
    place.manage("import_snapshot", str(small))
    before = rows_of(place)
    # The end of a commit is the last that is written to the log.
    half = large.stat().st_size // 2
    importing = place.run("-c", KILLED_AT, str(half), "manage.py", "import_snapshot", str(large))
    assert importing.returncode == -signal.SIGXFSZ, importing
    assert (place.data_dir / f"{DATABASE}-wal").stat().st_size == half
    assert_sound(place.data_dir / DATABASE)
    assert rows_of(place) == before


def rows_of(place: Installation) -> list[str]:
    """The whole database as SQL."""
    with closing(sqlite3.connect(place.data_dir / DATABASE)) as connection:
        return list(connection.iterdump())
