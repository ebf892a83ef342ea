"""From a bare checkout to a running product or a finished test run; `bootstrap.py help` lists the subcommands.

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
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.browsers.system_browsers import HEADLESS_SHELL, find_headless_shell, has_display, list_chromium_paths
from tests.rounds import make_environment, run_checks, run_everything, run_quick
from tests.shell import become, fail, on_ci, read_text, run_child, run_quietly, runs, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PIP_INSTALL = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
OLDEST_PYTHON = (3, 11)
# What each requirements*.txt asks for, with all that it needs. The later contains the earlier.
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock", "bench": "requirements-bench.lock"}

CHROMIUM_PACKAGES = ["chromium", "fonts-noto-cjk", "fonts-noto-color-emoji"]
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
)

PLAYWRIGHT_S = 900

POSTGRES_HOME = Path("/usr/lib/postgresql")
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")

HELP = """\
What `make` and `bootstrap.py` do; the first time each installs what it needs (into .venv):

  make run     the product with made-up accounts: a hub, a worker and a demo platform; prints the address and a login
  (python3 bootstrap.py worker --pair CODE --hub URL: this computer reads accounts; the accounts page has the command)
  make test    all checks and all tests, browser tests included
  make quick   the tests that belong to what you changed
  make check   lint, format, types, import rule; the same for the scripts of the pages
  make bench   benchmarks
  make soak    long runs
  make lock    requirements*.lock anew, from requirements*.txt
  make help    this page

Arguments are handed on: make test ARGS="tests/imhub -k keys". Without make (Windows): py bootstrap.py run.
What the settings are: docs/settings.md."""


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
    SystemPart("a display without a screen", ["xvfb", "chromium"], lambda: has_display_for_tests()),
]


def main(arguments: Sequence[str]) -> int:
    commands = {"run": run, "test": test, "quick": quick, "check": check, "bench": bench, "soak": soak}
    commands |= {"lock": make_locks, "worker": worker}
    if sys.version_info < OLDEST_PYTHON:
        fail(f"IM Hub needs Python {'.'.join(map(str, OLDEST_PYTHON))} or newer; this is {sys.version.split()[0]}.")
    if arguments and arguments[0] in ("help", "-h", "--help"):
        say(HELP)
        return 0
    if not arguments or arguments[0] not in commands:
        fail(f"usage: bootstrap.py {'|'.join([*commands, 'help'])} [arguments]")
    os.chdir(ROOT)
    return commands[arguments[0]](list(arguments[1:]))


# The subcommands


def run(arguments: list[str]) -> int:
    """Prepare everything, then run `manage.py demo`."""
    prepare_python("run")
    environment = {**os.environ, "IMHUB_CHROMIUM": get_worker_browser("hidden")}
    code = run_child([str(PYTHON), "manage.py", "migrate", "--noinput", "-v", "0"], environment)
    return code or become([str(PYTHON), "manage.py", "demo", *arguments], environment)


def worker(arguments: list[str]) -> int:
    """Make this computer one that reads accounts (`--pair CODE --hub URL`), or look at what is missing."""
    prepare_python("run")
    environment = {**os.environ, "IMHUB_CHROMIUM": get_worker_browser("auto")}
    return become([str(PYTHON), "manage.py", "pairworker", *arguments], environment)


def test(arguments: list[str]) -> int:
    """Run all checks and tests, whatever failed before."""
    prepare_python("dev")
    return run_everything(arguments, prepare_system(), has_postgres=find_postgres() is not None)


def quick(arguments: list[str]) -> int:
    """Run the tests that belong to what changed."""
    prepare_python("dev")
    return run_quick(arguments)


def check(arguments: list[str]) -> int:
    """Run lint, types, the import rule and the script checks."""
    prepare_python("dev")
    return run_checks()


def bench(arguments: list[str]) -> int:
    """Run the benchmarks."""
    prepare_python("bench")
    return become([str(PYTHON), "-m", "bench", *arguments], dict(os.environ))


def soak(arguments: list[str]) -> int:
    """Run the long tests."""
    prepare_python("dev")
    return become([str(PYTHON), "-m", "pytest", "-m", "soak", "-s", *arguments], prepare_system())


def make_locks(arguments: list[str]) -> int:
    """Make the locks anew, with the uv that requirements-dev.txt names."""
    if not runs([str(PYTHON), "-m", "pip", "--version"]):
        make_venv()
    uv = next(line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if line.startswith("uv=="))
    installed = run_quietly([str(PYTHON), *PIP_INSTALL, uv], os.environ)
    if installed.code:
        fail(f"{uv} could not be installed. What pip said:\n{installed.output}")
    return run_child([str(PYTHON), "-m", "tests.requirements_lock", *arguments], os.environ)


# Python: the virtual environment and what is installed in it


def prepare_python(level: str) -> None:
    """Make `.venv` with what the lock of `level` (a key of LOCKS) names. Return at once while nothing changed."""
    if is_installed(level):
        return
    with lock(ROOT / ".venv.lock"):
        if is_installed(level):
            return
        if not runs([str(PYTHON), "-m", "pip", "--version"]):
            make_venv()
        say("Installing the requirements (the first time this takes a minute or two) ...")
        installed = run_quietly([str(PYTHON), *PIP_INSTALL, "--require-hashes", "-r", LOCKS[level]], os.environ)
        if installed.code:
            fail(f"The requirements could not be installed. What pip said:\n{installed.output}")
        get_stamp_file(level).write_text(make_stamp(level))


def is_installed(level: str) -> bool:
    """Return whether the requirements of `level` are installed as they stand now."""
    enough = list(LOCKS)[list(LOCKS).index(level) :]
    return any(read_text(get_stamp_file(name)) == make_stamp(name) for name in enough) and works()


def works() -> bool:
    """Return whether .venv works. After an upgrade of the system's Python it starts, but finds none of its packages."""
    return runs([str(PYTHON), "-c", "import django, pip"])


def get_stamp_file(level: str) -> Path:
    """Return the file that says what is installed."""
    return VENV / f"imhub-{level}.stamp"


def make_stamp(level: str) -> str:
    """Return a hash that changes with the lock of `level`, and with the place of the checkout.

    A .venv cannot be moved.
    """
    contents = [str(VENV).encode(), (ROOT / LOCKS[level]).read_bytes()]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def make_venv() -> None:
    """Make an empty `.venv`, or end with the reason."""
    if not importlib.util.find_spec("ensurepip"):
        package = f"python3.{sys.version_info.minor}-venv"
        if not install_packages([package]):
            fail(f"This Python cannot make virtual environments. Install the package {package} and try again.")
    say(f"Making {VENV} ...")
    made = run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)], os.environ)
    if made.code:
        fail(f"The virtual environment could not be made:\n{made.output}")


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


def get_worker_browser(default: str) -> str:
    """Return the path of the browser that reads accounts: a light one, unless its window is to be seen."""
    wish = os.environ.get("IMHUB_WORKER_BROWSER") or default
    is_hidden = wish == "hidden" or (wish == "auto" and not has_display(sys.platform, os.environ))
    return (get_headless_shell() if is_hidden else None) or get_chromium()


def get_headless_shell() -> str | None:
    """Return the path of Debian's headless Chromium, installed if that is possible, unless another one is named."""
    if os.environ.get("IMHUB_CHROMIUM"):
        return None
    if not find_headless_shell(os.environ) and runs(["apt-cache", "show", HEADLESS_SHELL]):
        install_packages([HEADLESS_SHELL])
    path = find_headless_shell(os.environ)
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
    said = ask_playwright()
    found = find_playwright_chromium()
    if not found and install_packages(CHROMIUM_PACKAGES):
        found = find_chromium()
    if not found:
        say("What Playwright said:", said)
    return found or fail(
        "No browser. Install Chromium, Google Chrome or Microsoft Edge (on Debian the packages "
        f"{' '.join(CHROMIUM_PACKAGES)}), or name one in IMHUB_CHROMIUM."
    )


def ask_playwright() -> str:
    """Let Playwright install its Chromium, within a quarter of an hour. Return what it said."""
    command = [str(PYTHON), "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PLAYWRIGHT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        return f"{(error.output or b'').decode('utf-8', 'replace')}(not within {PLAYWRIGHT_S} s)"
    return done.stdout.decode("utf-8", "replace").rstrip()


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


def has_display_for_tests() -> bool:
    """Return whether a browser's window can be opened where nobody looks at it."""
    return shutil.which("Xvfb") is not None and find_chromium() is not None


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
        done = run_quietly(["apt-get", "-qq", *command], environment)
        if done.code:
            say("They could not be installed. What apt-get said:", done.output)
            return False
    return True


def refuse_main_cluster() -> None:
    """Keep Debian's package from starting a server on port 5432. What an administrator wrote there stands."""
    if not CREATE_CLUSTER.exists():
        CREATE_CLUSTER.parent.mkdir(exist_ok=True)
        CREATE_CLUSTER.write_text(
            "# By IM Hub's bootstrap.py, whose tests start their own.\ncreate_main_cluster = false\n"
        )


@contextlib.contextmanager
def lock(file: Path) -> Iterator[None]:
    """Let one process in at a time (not on Windows, where nobody starts two). Freed when its holder dies."""
    with file.open("a+b") as stream:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
