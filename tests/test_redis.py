"""The Redis server that tests start, and that processes meet through it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import redis

from tests.redis import NoServer, Server, running_server

ROOT = Path(__file__).parents[1]


def run_python(code: str, env: Mapping[str, str] = os.environ) -> subprocess.Popen[str]:
    """Its stdin and stdout are ours."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True)


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.e2e
def test_a_server_ends_with_the_process_that_started_it_however_that_went() -> None:
    code = (
        "import time; from tests.redis import Server; server = Server(); server.start();"
        "print(server.url, server.place, flush=True); time.sleep(60)"
    )
    with run_python(code) as owner:
        url, place = read_line(owner).split()
        client = redis.Redis.from_url(url)
        assert answers(client)
        owner.kill()
    deadline = time.monotonic() + 60
    while answers(client):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    client.close()
    shutil.rmtree(place)


@pytest.mark.e2e
def test_a_removed_server_leaves_nothing_behind_and_a_restarted_one_answers() -> None:
    with running_server() as server:
        server.stop()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert answers(client)
    assert not server.place.exists()


_LAYER = """
import os, sys, asyncio
os.environ["DJANGO_SETTINGS_MODULE"] = "imhub.settings"
from channels.layers import get_channel_layer
async def main():
    layer = get_channel_layer()
"""
_LISTEN = """
    channel = await layer.new_channel()
    await layer.group_add("wake", channel)
    print("listening", flush=True)
    print((await layer.receive(channel))["account"], flush=True)
asyncio.run(main())
"""
_SAY = """
    await layer.group_send("wake", {"type": "changed", "account": "号 1"})
asyncio.run(main())
"""


@pytest.mark.e2e
def test_what_one_process_says_on_the_channel_layer_another_one_hears(tmp_path: Path) -> None:
    with running_server() as server:
        env = {**os.environ, "IMHUB_REDIS_URL": server.url, "IMHUB_DATA_DIR": str(tmp_path)}
        with run_python(_LAYER + _LISTEN, env) as listener:
            assert read_line(listener) == "listening"
            with run_python(_LAYER + _SAY, env):
                assert read_line(listener) == "号 1"


def test_a_missing_server_skips_the_test_and_fails_it_on_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoServer, match=r"no Redis server here \(Debian's package redis-server\)"):
        Server()
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception), running_server():
        pass
    monkeypatch.setenv("CI", "true")
    with pytest.raises(NoServer), running_server():
        pass
