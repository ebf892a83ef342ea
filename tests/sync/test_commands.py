"""The commands of the hub: what they print, what they refuse."""

import hashlib
import json
import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from filelock import FileLock

from sync.models import Account, Checkpoint, Worker
from sync.storage.locks.directory_lock import lock_file
from tests.processes import run_python
from tests.sync.histories import a_message, load, write_history


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_token_is_printed_once_and_only_its_hash_is_kept() -> None:
    first, second = run("workertoken", "atlas"), run("workertoken", "atlas")
    worker = Worker.objects.get()
    assert first != second
    assert second.startswith("atlas:")
    assert len(second.strip().split(":")[1]) >= 43
    assert second.count("\n") == 1
    assert worker.token_hash == hashlib.sha256(second.strip().encode()).hexdigest()
    assert worker.token_rotated_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "two words", "a:b", "-x", "x" * 65])
def test_a_name_that_no_worker_may_have_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="cannot name a worker"):
        call_command("workertoken", "--", name)
    assert not Worker.objects.exists()


@pytest.mark.django_db
def test_what_was_exported_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    write_history("roses", {"messages": [a_message(1)]})
    assert run("export_snapshot", str(file)) == ""
    write_history("roses", {"messages": [a_message(1), a_message(2)]})
    Account.objects.create(pk="tea", name="Tea")
    told, anew = run("import_snapshot", str(file)).rsplit("The history", 1)
    assert told == "replaced: roses\nemptied: tea\n"
    assert anew == " of changes (who did what) begins anew: an export holds none.\n"
    assert sorted(load("roses").messages) == ["m1"]


@pytest.mark.django_db
def test_an_export_of_a_log_that_cannot_be_read_leaves_the_older_file(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text("older")
    write_history("roses", {"messages": [a_message(1)]})
    Checkpoint.objects.create(account_id="roses", version=1, seq=1, at=1, body=b"{")
    with pytest.raises(CommandError, match="account roses: the checkpoint of version 1 cannot be read"):
        call_command("export_snapshot", str(file))
    assert file.read_text() == "older"


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no/such/all.json: No such file"):
        call_command("export_snapshot", str(tmp_path / "no" / "such" / "all.json"))


@pytest.mark.django_db
def test_what_is_no_file_is_no_place_for_an_export(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"{re.escape(str(tmp_path))}: Not a regular file"):
        call_command("export_snapshot", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_file_that_is_not_there_or_damaged_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing.json: No such file"):
        call_command("import_snapshot", str(tmp_path / "missing.json"))
    file = tmp_path / "damaged.json"
    file.write_text(json.dumps({"format": "imhub-export", "version": 1, "accounts": [{"account_id": 7}]}))
    with pytest.raises(CommandError, match=r"damaged.json: .* at `\$.accounts\[0\].account_id`. Nothing was changed"):
        call_command("import_snapshot", str(file))


@pytest.mark.django_db
def test_an_import_beside_a_hub_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    call_command("export_snapshot", str(file))
    with FileLock(lock_file()), pytest.raises(CommandError, match=r"a hub is running here: .* Stop it first"):
        call_command("import_snapshot", str(file))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["workertoken"], "required: NAME"),
        (["workertoken", "a b"], "cannot name a worker"),
        (["import_snapshot", "/no/such/file"], "No such file"),
        (["export_snapshot", "--nonsense", "f"], "--nonsense"),
        (["nonsense"], "Unknown command"),
    ],
)
def test_bad_input_is_exit_1_with_the_reason_on_stderr(tmp_path: Path, arguments: list[str], reason: str) -> None:
    environment = {**os.environ, "IMHUB_DATA_DIR": str(tmp_path)}
    done = run_python("manage.py", *arguments, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
