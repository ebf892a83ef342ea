"""The command: what it reads, and whom it hands other channels to."""

import os
from pathlib import Path
from typing import Any

import pytest
from channels.management.commands.runworker import Command as ChannelsCommand
from django.core.management import CommandError, call_command

import imhub
from crawler.management.commands.runworker import read_options
from tests.processes import run_python

HUB = "ws://127.0.0.1:9/ws/worker/"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUB", "TOKEN", "ID", "MAX_ACCOUNTS"):
        monkeypatch.delenv(f"IMHUB_WORKER_{name}", raising=False)


def given(**options: Any) -> dict[str, Any]:
    nothing = {"hub": None, "token": None, "worker_id": None, "max_accounts": None, "insecure": False}
    return nothing | options


def test_the_worker_s_name_is_the_token_s() -> None:
    options = read_options(given(hub=HUB, token="w1:secret"))
    assert (options.worker_id, options.hub, options.max_accounts) == ("w1", HUB, 5)
    assert options.platform_settings["DOUYIN_CREATOR_URL"]
    assert options.version == imhub.__version__


def test_the_environment_is_read_and_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HUB": HUB, "TOKEN": "w1:secret", "ID": "w2", "MAX_ACCOUNTS": "7"}.items():
        monkeypatch.setenv(f"IMHUB_WORKER_{name}", value)
    assert (read_options(given()).worker_id, read_options(given()).max_accounts) == ("w2", 7)
    assert read_options(given(worker_id="w3", max_accounts="1")).worker_id == "w3"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"token": "w1:s"}, "--hub"),
        ({"hub": HUB}, "--token"),
        ({"hub": "ws://hub.example/ws/worker/", "token": "w1:s"}, "--insecure"),
        ({"hub": "http://127.0.0.1/", "token": "w1:s"}, "ws://"),
        ({"hub": HUB, "token": ":s"}, "name its worker"),
        ({"hub": HUB, "token": "w1:s", "max_accounts": "many"}, "--max-accounts"),
        ({"hub": HUB, "token": "w1:s", "max_accounts": "0"}, "--max-accounts"),
    ],
)
def test_bad_input_is_refused_with_its_name(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        read_options(given(**options))


def test_other_channels_get_channels_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(ChannelsCommand, "handle", lambda self, *args, **options: seen.append(options))
    call_command("runworker", "thumbnails", "--layer", "other")
    [options] = seen
    assert options["channels"] == ["thumbnails"]
    assert options["layer"] == "other"


def test_the_crawlers_run_alone() -> None:
    with pytest.raises(CommandError, match="alone"):
        call_command("runworker", "crawlers", "thumbnails")


@pytest.mark.e2e
def test_without_a_hub_the_command_ends_with_1_and_says_why(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IMHUB_WORKER_")}
    environment |= {"IMHUB_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "imhub.settings"}
    result = run_python("manage.py", "runworker", "crawlers", env=environment)
    assert result.returncode == 1
    assert "IMHUB_WORKER_HUB" in result.stderr
