"""A disk that is really full: what pages, health and a worker are told in both languages, until there is room again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.cast import Operator, make_cast, send_form
from tests.e2e.said import first, read_banner
from tests.e2e.test_crash import SEED, a_worker
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

SIZE = 200 * 1024**2
LOW = {
    "en": "The disk is nearly full. Make room on the computer that runs IM Hub, or soon nothing can be saved.",
    "zh-hans": "磁盘快满了。请在运行 IM Hub 的电脑上腾出空间，否则很快就什么都存不下。",
}
FULL = {
    "en": "Nothing can be saved: the disk is full. Nothing new comes in, and what you mark is not kept."
    " Make room on the computer that runs IM Hub; then all goes on by itself.",
    "zh-hans": "磁盘满了，什么都存不下。新消息进不来，做的标记也不会保留。"
    "请在运行 IM Hub 的电脑上腾出空间，之后会自动恢复。",
}

CLOSED = {
    "en": "The hub's disk is full. It can store nothing until somebody makes room.",
    "zh-hans": "服务器的磁盘已满，在有人腾出空间之前什么都存不下来。",
}
"""Where SQLite cannot even read, because its log has no room for an index."""
DEGRADED = {"status": "degraded", "reason": "the disk is full: nothing can be stored until there is room again"}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Installation]:
    """A hub whose data directory is a disk of its own."""
    place = Installation(tmp_path, is_bare=True)
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(place.data_dir)]
    if mount is None or os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own needs Linux and root")
    place.manage("migrate", "-v", "0")
    yield place
    place.stop()
    subprocess.run([shutil.which("umount") or "umount", str(place.data_dir)], check=True)


def fill(place: Installation, leave: int) -> Path:
    """Fill the disk up to `leave` bytes, and return the file that does."""
    file = place.data_dir / "ballast"
    with file.open("ab") as stream:
        while (free := shutil.disk_usage(place.data_dir).free) > leave:
            stream.write(b"\0" * min(free - leave, 1024**2))
            stream.flush()
    return file


def test_a_disk_that_fills_up_is_told_before_and_after_and_goes_on_by_itself(small: Installation) -> None:
    cast = make_cast(small, Operator("ann", {"acc-seed": "operate"}))
    small.start_hub()
    readers = {language: httpx.Client(base_url=small.url, headers={"Accept-Language": language}) for language in LOW}
    for reader in readers.values():
        send_form(reader, "/login/", {"username": "ann", "password": "password-of-ann"})

    def says(words: dict[str, str]) -> bool:
        pages = {language: reader.get("/").text for language, reader in readers.items()}
        trouble = r'<p class="trouble"[^>]*>(.*?)</p>'
        return {language: read_banner(page) or first(trouble, page) for language, page in pages.items()} == words

    with a_worker(small, cast.worker_token) as socket, cast.client("ann") as client:
        ballast = fill(small, leave=30 * 1024**2)
        eventually(lambda: says(LOW) or None, "the disk is said to be nearly full", 60)
        fill(small, leave=0)
        eventually(lambda: says(FULL) or says(CLOSED) or None, "the disk is said to be full", 60)
        eventually(lambda: client.get("/healthz").json() == DEGRADED or None, "so does the health", 60)
        socket.send(json.dumps({**SEED, "requestId": "full"}))
        refused = json.loads(socket.recv(30))["payload"]
        assert not refused["success"], refused
        ballast.unlink()
        eventually(lambda: client.get("/healthz").json() == {"status": "ok"} or None, "the hub is well", 60)
        assert all("IM Hub" not in read_banner(reader.get("/").text) for reader in readers.values())
        socket.send(json.dumps({**SEED, "requestId": "again"}))
        assert json.loads(socket.recv(30))["payload"]["success"]
    for reader in readers.values():
        reader.close()
