"""Backup and restore as docs/deployment.md says: copied while it runs, destroyed, put back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.conftest import HUB_ANSWERS, ON_POSTGRES, OWNER, follow, install, start_postgres
from tests.deploy.machine import Machine

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

SESSION = {"cookies": [{"name": "sessionid", "value": "of-nobody"}], "origins": []}
SHELL = "imhub shell -v0 -c 'import json; from sync.worker import session_encryption as kept; {}'"


def test_what_was_acknowledged_before_a_backup_is_there_after_a_restore_of_sqlite(machine: Machine) -> None:
    install(machine)
    check_restore(machine, "Restore SQLite", lambda: machine.run("rm -rf /var/lib/imhub/*"))


def test_what_was_acknowledged_before_a_backup_is_there_after_a_restore_of_postgresql(machine: Machine) -> None:
    start_postgres(machine)
    follow(machine, "PostgreSQL")
    install(machine, ON_POSTGRES)

    def destroy() -> None:
        machine.run("rm -rf /var/lib/imhub/*")
        machine.run(
            'pg_lsclusters -h | while read -r version name _; do pg_dropcluster --stop "$version" "$name"; done'
        )
        start_postgres(machine)
        follow(machine, "PostgreSQL")

    check_restore(machine, "Restore PostgreSQL", destroy)


def check_restore(machine: Machine, section: str, destroy: Callable[[], object]) -> None:
    machine.run(f"imhub addaccount a --platform douyin --name a --worker w1 --operator {OWNER}")
    machine.run(SHELL.format(f'kept.save_session("a", json.loads("""{json.dumps(SESSION)}"""))'))
    worker, operator = machine.run("imhub workertoken w1").strip(), machine.run(f"imhub apitoken {OWNER}").strip()
    follow(machine, "Backup and restore")
    written: dict[str, Any] = json.loads(
        machine.visit("tests.deploy.keeper", "write", worker, operator, "/var/backups/imhub")
    )
    assert written["refused"] == []
    assert machine.run("ls /var/backups/imhub | grep -vE '[.](sqlite3|dump)$' || true") == ""
    assert machine.run("stat -c %a /var/backups/imhub/*").split() == ["600", "600"]
    machine.run("kill -9 $(cat /run/units/imhub)")
    destroy()
    follow(machine, section, {"COPY": written["copy"]})
    machine.wait_for(HUB_ANSWERS, "the hub answers")
    found = json.loads(machine.visit("tests.deploy.keeper", "read", operator))
    assert set(written["before"]) <= set(found["messages"])
    assert found["pinned"] == [True]
    assert json.loads(machine.run(SHELL.format('print(json.dumps(kept.load_session("a")))'))) == SESSION
