"""The files of docs/deploy, as far as they can be held to the product without running them. The rest: `make soak`."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.deploy.machine import PAGE, list_blocks
from tests.processes import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNITS = ("imhub.service", "imhub-worker.service")
TEXT = PAGE.read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def list_files() -> list[Path]:
    return sorted(file for file in DEPLOY.iterdir() if file.is_file())


# -- the page


def test_the_page_names_every_file_and_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"docs/deploy/([\w.-]+)|\(deploy/([\w.-]+)\)", TEXT))
    names = {one or other for one, other in named}
    assert names | {"Dockerfile.dockerignore"} == {file.name for file in list_files()}


def test_commands_of_the_page_and_of_the_units_are_commands_of_the_product() -> None:
    files = "".join(file.read_text(encoding="utf-8") for file in list_files() if file.name != "imhub")
    named = set(re.findall(r"^sudo imhub(?:-worker)? ([a-z_]+)", "\n".join(list_shell()), re.MULTILINE))
    named |= set(
        re.findall(r"manage\.py(?:\", \"| )([a-z_]+)", files + "\n".join(re.findall(r"^docker .*", TEXT, re.MULTILINE)))
    )
    assert {"migrate", "createsuperuser", "serve", "runworker", "workertoken"} <= named
    assert named - set(get_commands()) == set()


def list_shell() -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE):
        if re.search(rf"^#+ {re.escape(heading)}\n((?!^#).*\n)*?```sh\n", TEXT, re.MULTILINE):
            yield from list_blocks(heading)


def test_every_setting_in_the_files_and_on_the_page_is_one_of_the_product() -> None:
    known = set(re.findall(r"IMHUB_\w+", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    used = set(re.findall(r"IMHUB_\w+", "".join(file.read_text(encoding="utf-8") for file in list_files()) + TEXT))
    assert used
    assert used - known == set()


def test_the_shell_can_read_the_commands() -> None:
    scripts = [(DEPLOY / name).read_text(encoding="utf-8") for name in ("imhub", "imhub-backup")]
    for script in [*scripts, *list_shell()]:
        done = subprocess.run(["/bin/sh", "-n"], input=script, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    assert [file.name for file in list_files() if os.access(file, os.X_OK)] == ["imhub", "imhub-backup"]


# -- the units


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    program = re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert program == ["/opt/imhub/.venv/bin/python"]
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("there is no systemd here")
    unit = tmp_path / name
    unit.write_text(text.replace(program[0], sys.executable), encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    # It looks at the machine's own units too, of which ours speaks.
    assert [line for line in done.stderr.splitlines() if name in line] == []


# -- the backup


def test_a_copy_is_whole_while_somebody_writes_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("there is no sqlite3 here; the page has people install it")
    script = (DEPLOY / "imhub-backup").read_text(encoding="utf-8")
    settings, folder = tmp_path / "hub.env", tmp_path / "copies"
    settings.write_text(f"IMHUB_DATA_DIR={tmp_path}\n")
    folder.mkdir()
    with closing(sqlite3.connect(tmp_path / "imhub.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE kept (number)")
        database.execute("INSERT INTO kept VALUES (1)")
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO kept VALUES (2)")
        said = subprocess.run(
            ["/bin/sh", "-c", script.replace("/etc/imhub/hub.env", str(settings)), "imhub-backup", str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
    [copy] = folder.iterdir()
    assert said.stdout == f"{copy}\n"
    assert copy.suffix == ".sqlite3"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT number FROM kept").fetchall() == [(1,)]


def test_a_backup_of_a_database_that_is_not_there_fails_and_leaves_nothing(tmp_path: Path) -> None:
    settings, folder = tmp_path / "hub.env", tmp_path / "copies"
    settings.write_text(f"IMHUB_DATA_DIR={tmp_path}/elsewhere\n")
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    script = (DEPLOY / "imhub-backup").read_text(encoding="utf-8").replace("/etc/imhub/hub.env", str(settings))
    command = ["/bin/sh", "-c", script, "imhub-backup", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"there is no database {tmp_path}/elsewhere/imhub.sqlite3\n"
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["hub.env"]


def test_the_hub_stands_still_while_its_files_are_replaced() -> None:
    before, after = list_blocks("Upgrade")
    assert before.splitlines()[0] == "sudo systemctl stop imhub"
    assert after.splitlines()[-1] == "sudo systemctl start imhub"


# -- Docker


def test_what_runs_in_the_images_is_not_root_and_says_how_it_is() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    last_user = dict[str, str]()
    for stage in stages:
        name = re.findall(r" AS (\w+)", stage.partition("\n")[0])[0]
        users = re.findall(r"^USER (\S+)$", stage, re.MULTILINE)
        base = stage.split()[0]
        last_user[name] = users[-1] if users else last_user.get(base, "root")
    assert (last_user["hub"], last_user["worker"]) == ("10001", "10001")
    assert "/healthz" in next(stage for stage in stages if " AS hub" in stage)


def test_images_hold_what_the_product_needs_and_no_data() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    taken = {line[1:] for line in ignored if line.startswith("!")}
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert taken == packages | {"manage.py", "requirements.lock", "locale", "templates", "LICENSE"}
    assert "*" in ignored


def test_the_compose_file_builds_what_the_dockerfile_has_and_asks_for_what_the_page_says() -> None:
    services = COMPOSE["services"]
    targets = {service["build"]["target"] for service in services.values() if "build" in service}
    assert targets == {"hub", "worker"}
    assert targets <= set(re.findall(r"^FROM .* AS (\w+)$", DOCKERFILE, re.MULTILINE))
    built = [service["image"] for service in services.values() if "build" in service]
    assert len(built) == len(set(built)), "two that build one image at once get into each other's way"
    assert {"imhub", "imhub-worker"} == set(built)
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    docker = TEXT[TEXT.index("\n## Docker\n") : TEXT.index("\n## Backup and restore\n")]
    assert asked == {name for name in asked if re.search(rf"\b{name}=", docker)}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_what_goes_through_a_pipe_of_docker_meets_no_terminal() -> None:
    piped = re.findall(r"docker compose (?:exec|run)[^\n`]* [<>] \S+", TEXT)
    assert len(piped) == 3
    assert [line for line in piped if " -T " not in line] == []
