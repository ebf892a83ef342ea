"""A second computer: nothing but the network and a code, and it is connected."""

import re
import stat
from pathlib import Path

import httpx
import pytest

from tests.e2e.cast import Operator, make_cast, send_form
from tests.servers import Installation, eventually

pytestmark = pytest.mark.e2e


def is_connected(page: str) -> bool:
    return "“前台电脑” is connected." in " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_a_computer_is_paired_by_its_code_and_connects(
    place: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    make_cast(place, Operator("boss", {}, is_staff=True))
    place.start_hub()
    desk = Installation(tmp_path_factory.mktemp("前台"), is_bare=True)
    desk.env["HOME"] = str(desk.place)  # whoever runs this may have a worker of their own
    with httpx.Client(base_url=place.url, timeout=30) as owner:
        send_form(owner, "/login/", {"username": "boss", "password": "password-of-boss"})
        path = send_form(owner, "/accounts/computers/add", {"label": "前台电脑"}).headers["Location"]
        [code] = set(re.findall(r"--pair (\w{6}) ", owner.get(path).text))
        refused = desk.run("manage.py", "pairworker", "--pair", "222222", "--hub", place.url, "--no-autostart")
        assert refused.returncode == 1
        assert "Make a new one on the accounts page of the hub." in refused.stderr
        said = desk.manage("pairworker", "--pair", code, "--hub", place.url, "--no-autostart")
        assert "Paired as “computer-1”." in said
        assert f"The hub answers at {place.url.replace('http', 'ws', 1)}/ws/worker/." in said
        assert "!!  It does not start by itself after a restart." in said
        kept = Path(desk.data_dir, "worker", "worker.json")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        worker = desk.start("worker", "runworker", "crawlers")
        try:
            eventually(
                lambda: is_connected(owner.get(path).text) or None, f"the computer is connected\n{worker.tail()}", 60
            )
        finally:
            desk.stop()
        assert desk.manage("pairworker", "--remove") == (
            "The worker is stopped and starts no more; its token is removed."
        )
        assert not kept.exists()
