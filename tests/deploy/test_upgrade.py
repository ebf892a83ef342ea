"""From the data that an older version left behind to a hub of today, as docs/deployment.md says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.deploy.conftest import HUB_ANSWERS, follow, install
from tests.deploy.machine import Machine
from tests.upgrade.asking import as_today
from tests.upgrade.conftest import VERSIONS

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

PATHS = tuple(
    f"/{kind}?account_id={account}&count=200"
    for kind in ("conversations", "messages", "contents", "discussions", "notifications")
    for account in ("roses", "tea", "books")
)
READ_SESSION = "from sync.models import AccountSession; from sync.sealing import unseal; import json; print(json.dumps("
READ_SESSION += "[unseal(row.sealed) for row in AccountSession.objects.all()]))"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_an_older_installation_goes_on(machine: Machine, version: Path) -> None:
    install(machine)
    machine.run("systemctl stop imhub && rm -rf /var/lib/imhub/*")
    old = shlex.quote(str(version))
    machine.run(f"install -o imhub -g imhub -m 600 {old}/imhub.sqlite3 {old}/session_key /var/lib/imhub/")
    machine.run("install -d -m 700 /var/backups/imhub")
    follow(machine, "Upgrade")
    machine.wait_for(HUB_ANSWERS, "the hub answers")
    assert len(machine.run("ls /var/backups/imhub/*.sqlite3").split()) == 1
    expected = json.loads((version / "expected.json").read_text("utf-8"))
    token = expected["tokens"]["olivia"]
    for path in PATHS:
        url = shlex.quote(f"http://127.0.0.1:8000/api/im{path}")
        now = json.loads(machine.run(f"curl -fsS -H 'Authorization: Token {token}' {url}"))["data"]
        assert shown(now) == shown(as_today(path, expected["before"]["olivia"][path])), path
    sessions = json.loads(machine.run(f"imhub shell -v0 -c {shlex.quote(READ_SESSION)}"))
    assert sessions == [expected["session"]]


def shown(answer: dict[str, object]) -> list[tuple[object, ...]]:
    """Return the items of a list, as far as they do not depend on the day: their ids, texts and marks."""
    [rows] = [value for value in answer.values() if isinstance(value, list)]
    keys = (
        "conversation_id",
        "msg_id",
        "content_id",
        "comment_id",
        "notification_id",
        "content",
        "is_read",
        "is_pinned",
    )
    return [tuple(row.get(key) for key in keys) for row in rows]
