"""docs/deployment.md on a machine from nothing: its own commands, units and files."""

from __future__ import annotations

import json

import pytest

from tests.deploy.conftest import OWNER, PASSWORD, WELCOME, follow, install, visit
from tests.deploy.machine import Machine

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

ACCOUNT = {"pace": 0.05, "intervals": {"profile": 30, "contents": 15, "messages": 3, "comments": 5}}
AUTHORITY = "/usr/local/share/ca-certificates/imhub.crt"


def test_one_machine_with_https_by_caddy_and_a_worker_beside_the_hub(machine: Machine) -> None:
    install(machine)
    follow(machine, "HTTPS by Caddy")
    machine.wait_for("curl -fsS -o /dev/null https://imhub.lan/healthz", "Caddy answers, and this machine trusts it")
    assert visit(machine, "https://imhub.lan", AUTHORITY) == WELCOME
    is_kept_out(machine)
    reads_an_account(machine)


def is_kept_out(machine: Machine) -> None:
    """What belongs to the hub is the hub's alone, and its program is nobody's to change."""
    [user, *_] = machine.run("stat -c %U /proc/$(cat /run/units/imhub)").split()
    assert user == "imhub"
    assert machine.run("find /var/lib/imhub -type f -perm /077").split() == []
    assert machine.run("find /opt/imhub -user imhub").split() == []
    machine.run("! setpriv --reuid=nobody --regid=nogroup --clear-groups cat /etc/imhub/hub.env 2>/dev/null")


def reads_an_account(machine: Machine) -> None:
    """The worker's unit: paired by a code over HTTPS, in its own sandbox and Chromium's, it reads the demo platform."""
    machine.run(
        "cd /opt/imhub && (IMHUB_DATA_DIR=/tmp/site setsid .venv/bin/python manage.py demosite --port 8100"
        " --scenario contract --fans-interval 0 --phone-delay 0.2 > /tmp/site.log 2>&1 &)"
    )
    machine.wait_for("curl -fsS -o /dev/null http://127.0.0.1:8100/control/state", "the demo platform answers")
    token = machine.run(f"imhub apitoken {OWNER}").strip()
    code = json.loads(machine.visit("tests.deploy.visitor", "pair", "https://imhub.lan", OWNER, PASSWORD, AUTHORITY))
    follow(machine, "A worker on the same machine", {"CODE": code})
    assert machine.run("stat -c '%U %a' /var/lib/imhub-worker/worker/worker.json").split() == ["imhub-worker", "600"]
    machine.run("! setpriv --reuid=imhub-worker --regid=imhub-worker --clear-groups ls /var/lib/imhub 2>/dev/null")
    base = "http://127.0.0.1:8100/for/alpha"
    config = ACCOUNT | {f"{part}_url": f"{base}/{part}" for part in ("creator", "www", "im")}
    [worker] = machine.run('sed \'s/.*"token":"\\([^:]*\\):.*/\\1/\' /var/lib/imhub-worker/worker/worker.json').split()
    machine.run(f"imhub addaccount alpha --platform douyin --name alpha --worker {worker} --operator {OWNER}")
    ask = f"curl -fsS -H 'Authorization: Token {token}' -H 'Content-Type: application/json' https://imhub.lan/api/im"
    machine.run(f"{ask}/accounts/alpha -X PATCH -d '{json.dumps({'config': config})}'")
    machine.wait_for(
        f"{ask}/messages?account_id=alpha | grep -q '\"msg_id\"'", "the worker has read messages", within_s=180
    )
    machine.run("systemctl restart imhub && systemctl stop imhub-worker && systemctl stop imhub")
    left = machine.run("ps -u imhub,imhub-worker -o stat=,args= | grep -v ^Z || true").strip()
    assert left == "", "nothing of a service that was stopped is left"
