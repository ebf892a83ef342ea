from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.deploy.machine import Machine, list_blocks, running_machine

OWNER: Final = "boss"
PASSWORD: Final = "a-Passw0rd-of-the-0wner"
ONLINE: Final = re.compile(r"\b(apt-get|pip) ")
HUB_ANSWERS: Final = "curl -fsS -o /dev/null http://127.0.0.1:8000/healthz"


@pytest.fixture(scope="session")
def only_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@pytest.fixture
def machine(only_machine: Machine) -> Machine:
    """The one of this run, without what a test before left: packages that were installed stay."""
    only_machine.run(CLEAN)
    return only_machine


CLEAN: Final = """
for unit in imhub-worker imhub caddy nginx; do
    systemctl stop $unit 2> /dev/null || true
done
if command -v pg_lsclusters > /dev/null; then
    pg_lsclusters -h | while read -r version name _; do pg_dropcluster --stop "$version" "$name"; done
fi
redis-cli shutdown nosave > /dev/null 2>&1 || true
rm -rf /etc/systemd/system/imhub.service.d /etc/imhub /root/imhub-keys /var/backups/imhub
rm -rf /var/lib/imhub /var/lib/imhub-worker
"""


def follow(machine: Machine, heading: str, changes: dict[str, str] | None = None) -> None:
    """Type the commands of a section of docs/deployment.md, each block as it is. `changes`: text in them."""
    type_blocks(machine, list_blocks(heading), changes)


def type_blocks(machine: Machine, blocks: list[str], changes: dict[str, str] | None = None) -> None:
    for block in blocks:
        text = block
        for old, new in (changes or {}).items():
            text = text.replace(old, new)
        machine.run(text, online=ONLINE.search(text) is not None, within_s=600)


def install(machine: Machine, settings: dict[str, str] | None = None) -> None:
    """Follow “Install”. `settings` go into hub.env before it is put in its place, as an owner edits it.

    A second time on this machine what was fetched is there.
    """
    packages, python, *rest = list_blocks("Install")
    if machine.run("ls -d /opt/imhub 2> /dev/null || true"):
        machine.run("install -d -m 700 -o imhub -g imhub /var/lib/imhub")
    else:
        machine.put_checkout()
        type_blocks(machine, [packages, python])
    machine.run("cp -n /opt/imhub/docs/deploy/hub.env /root/hub.env; cp /root/hub.env /opt/imhub/docs/deploy/hub.env")
    lines = "".join(f"{name}={value}\n" for name, value in (settings or {}).items())
    if lines:
        machine.run(f"cat >> /opt/imhub/docs/deploy/hub.env <<'END'\n{lines}END\n")
    given = f"env DJANGO_SUPERUSER_PASSWORD={PASSWORD} imhub createsuperuser --noinput --username {OWNER} --email ''"
    type_blocks(machine, rest, {"imhub createsuperuser": given})
    machine.wait_for(HUB_ANSWERS, "the hub answers")


def visit(machine: Machine, url: str, authority: str) -> dict[str, Any]:
    """Return what somebody finds who comes with a browser."""
    machine.run("command -v certutil > /dev/null || apt-get install -y -qq libnss3-tools", online=True)
    found: dict[str, Any] = json.loads(machine.visit("tests.deploy.visitor", "visit", url, OWNER, PASSWORD, authority))
    return found


WELCOME: Final = {
    "login": 302,
    "login of another page": 403,
    "cookies": 2,
    "all cookies secure": True,
    "accounts": 200,
    "home": 200,
    "push": "subscribed",
    "push of another page": 403,
    "a browser that trusts": {"status": 200, "secure": True, "service worker": True, "push": True},
    "a browser that does not": {"error": "ERR_CERT_AUTHORITY_INVALID"},
}
"""What everybody finds whose hub is reached over HTTPS as docs/deployment.md says."""

ON_POSTGRES: Final = {
    "IMHUB_DATABASE_URL": "postgres://imhub:CHANGE-ME@127.0.0.1:5432/imhub",
    "IMHUB_HOST": "127.0.0.1",
    "IMHUB_TRUSTED_PROXIES": "127.0.0.1",
}


def start_postgres(machine: Machine) -> None:
    """Have a server as Debian's package makes and starts it, which on this machine may be there without one."""
    machine.run("apt-get install -y -qq postgresql", online=True, within_s=300)
    machine.run(
        "mkdir -p /run/postgresql && chown postgres:postgres /run/postgresql\n"
        "version=$(ls /usr/lib/postgresql | sort -n | tail -1)\n"
        "pg_lsclusters -h | grep -q . || pg_createcluster $version main > /dev/null\n"
        "pg_ctlcluster $version main start"
    )
