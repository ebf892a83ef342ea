"""PostgreSQL, a hub and nginx as docs/deployment.md says, with a certificate made by hand."""

from __future__ import annotations

import pytest

from tests.deploy.conftest import ON_POSTGRES, WELCOME, follow, install, start_postgres, visit
from tests.deploy.machine import Machine

pytestmark = [pytest.mark.e2e, pytest.mark.soak]


def test_a_hub_on_postgresql_behind_nginx(machine: Machine) -> None:
    start_postgres(machine)
    follow(machine, "PostgreSQL")
    install(machine, ON_POSTGRES | {"IMHUB_PUBLIC_URL": "https://imhub.example.com"})
    follow(machine, "HTTPS by a certificate of your own")
    follow(machine, "nginx in front")
    url, authority = "https://imhub.example.com", "/etc/imhub/tls/authority.pem"
    machine.wait_for(f"curl -fsS -o /dev/null --cacert {authority} {url}/healthz", "nginx answers")
    assert visit(machine, url, authority) == WELCOME
    assert machine.run("curl -sS -o /dev/null -w '%{redirect_url}' http://imhub.example.com/me") == f"{url}/me"
    machine.run("apt-get install -y -qq redis-server", online=True, within_s=300)
    machine.run("redis-server --daemonize yes --save '' > /dev/null")
    machine.run("echo IMHUB_REDIS_URL=redis://127.0.0.1:6379 >> /etc/imhub/hub.env")
    follow(machine, "Several hubs")
    machine.wait_for(f"curl -fsS --cacert {authority} {url}/healthz | grep -q ok", "several hubs answer")
    assert visit(machine, url, authority) == WELCOME
    processes = machine.run("ps -u imhub -o args= | grep -c -- '--one-of-several'")
    assert processes.strip() == "2"
