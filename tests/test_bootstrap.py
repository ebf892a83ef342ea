"""The parts of bootstrap.py that decide. What it starts and installs is seen by every run of it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from crawler.browsers.system_browsers import list_chromium_paths
from tests import rounds, shell
from tests.reports import read_report

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="signals and file modes of POSIX")


@pytest.fixture
def a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Locked requirements and a .venv that always works, in which nothing is installed yet."""
    (tmp_path / "requirements.lock").write_text("django==5.2.19\n")
    (tmp_path / "requirements-dev.lock").write_text("django==5.2.19\npytest==9.2.0\n")
    (tmp_path / "requirements-bench.lock").write_text("django==5.2.19\npytest==9.2.0\nmatplotlib==3.11.2\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "works", lambda: True)
    return tmp_path


def install(level: str) -> None:
    bootstrap.get_stamp_file(level).write_text(bootstrap.make_stamp(level))


def a_program(folder: Path, name: str, exit_code: int = 0) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    file.chmod(0o755)
    return str(file)


def test_nothing_is_installed_in_a_bare_checkout(a_checkout: Path) -> None:
    assert not bootstrap.is_installed("run")


def test_what_tests_need_is_enough_to_run_but_not_the_other_way_round(a_checkout: Path) -> None:
    install("dev")
    assert bootstrap.is_installed("run")
    bootstrap.get_stamp_file("dev").unlink()
    install("run")
    assert not bootstrap.is_installed("dev")


@pytest.mark.parametrize(("level", "name"), bootstrap.LOCKS.items())
def test_a_changed_requirement_is_installed(a_checkout: Path, level: str, name: str) -> None:
    install(level)
    (a_checkout / name).write_text("django==5.2.20\n")
    assert not bootstrap.is_installed(level)


def test_a_moved_checkout_is_installed_again(a_checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install("run")
    stamp = bootstrap.make_stamp("run")
    monkeypatch.setattr(bootstrap, "VENV", a_checkout / "elsewhere" / ".venv")
    assert bootstrap.make_stamp("run") != stamp


@POSIX_ONLY
def test_chromium_is_preferred_to_chrome_and_chrome_to_edge(tmp_path: Path) -> None:
    paths = [a_program(tmp_path, name) for name in ("chromium", "google-chrome", "msedge")]
    assert list(list_chromium_paths("linux", {"PATH": str(tmp_path)})) == paths


def test_chrome_and_edge_are_looked_for_where_windows_and_macos_keep_them() -> None:
    windows = {"PATH": "", "PROGRAMFILES": r"C:\Program Files", "LOCALAPPDATA": r"C:\Users\li\AppData\Local"}
    found = list(list_chromium_paths("win32", windows))
    assert found[0] == r"C:\Program Files\Google\Chrome\Application\chrome.exe"
    assert r"C:\Program Files\Microsoft\Edge\Application\msedge.exe" in found
    mac = list(list_chromium_paths("darwin", {"PATH": "", "HOME": "/Users/li"}))
    assert mac[0] == "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    assert "/Users/li/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge" in mac


@pytest.mark.skipif(sys.platform != "linux", reason="stubs are a habit of Linux distributions")
def test_a_stub_that_does_not_start_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "chromium-browser", exit_code=1)
    chrome = a_program(tmp_path, "google-chrome")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.find_chromium() == chrome


def test_a_named_browser_that_is_missing_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMHUB_CHROMIUM", "/no/such/browser")
    with pytest.raises(SystemExit, match="IMHUB_CHROMIUM: there is no file /no/such/browser"):
        bootstrap.get_chromium()


def test_without_any_way_to_a_browser_the_packages_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IMHUB_CHROMIUM", raising=False)
    for name in ("find_chromium", "find_playwright_chromium"):
        monkeypatch.setattr(bootstrap, name, lambda: None)
    monkeypatch.setattr(bootstrap, "install_packages", lambda packages: False)
    monkeypatch.setattr(bootstrap, "ask_playwright", lambda: "Failed to download Chromium: 403")
    with pytest.raises(SystemExit, match="chromium fonts-noto-cjk fonts-noto-color-emoji"):
        bootstrap.get_chromium()
    assert capsys.readouterr().out.splitlines()[1:] == ["What Playwright said:", "Failed to download Chromium: 403"]


def test_what_playwright_said_is_kept_quiet_when_another_way_leads_to_a_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IMHUB_CHROMIUM", raising=False)
    found = iter([None, "/usr/bin/chromium"])
    monkeypatch.setattr(bootstrap, "find_chromium", lambda: next(found))
    monkeypatch.setattr(bootstrap, "find_playwright_chromium", lambda: None)
    monkeypatch.setattr(bootstrap, "install_packages", lambda packages: True)
    monkeypatch.setattr(bootstrap, "ask_playwright", lambda: "Failed to download Chromium: 403")
    assert bootstrap.get_chromium() == "/usr/bin/chromium"
    assert capsys.readouterr().out == "No Chromium, Chrome or Edge here; asking Playwright for one ...\n"


def a_python(folder: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int) -> None:
    """A Python that says two lines, whatever it is asked."""
    program = Path(a_program(folder, "python"))
    program.write_text(f"#!/bin/sh\necho said on stdout\necho said on stderr >&2\nexit {exit_code}\n")
    monkeypatch.setattr(bootstrap, "PYTHON", program)


@POSIX_ONLY
def test_pip_is_quiet_when_all_goes_well(
    a_checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    a_python(a_checkout, monkeypatch, exit_code=0)
    bootstrap.prepare_python("run")
    said = capfd.readouterr()
    assert said.out.splitlines() == ["Installing the requirements (the first time this takes a minute or two) ..."]
    assert said.err == ""
    assert bootstrap.is_installed("run")


@POSIX_ONLY
def test_what_pip_said_is_shown_when_it_fails(
    a_checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    a_python(a_checkout, monkeypatch, exit_code=1)
    monkeypatch.setattr(bootstrap, "make_venv", lambda: None)
    with pytest.raises(SystemExit, match=r"installed\. What pip said:\nsaid on stdout\nsaid on stderr"):
        bootstrap.prepare_python("run")
    assert not bootstrap.is_installed("run")


@POSIX_ONLY
def test_playwright_is_asked_quietly_and_what_it_says_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    a_python(tmp_path, monkeypatch, exit_code=1)
    assert bootstrap.ask_playwright() == "said on stdout\nsaid on stderr"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("word", ["help", "--help"])
def test_help_names_every_subcommand_in_a_line_each(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([word]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = [line.split()[1] for line in lines if line.startswith("  make ")]
    assert named == ["run", "test", "quick", "check", "bench", "soak", "lock", "help"]
    assert set(named) == set(
        re.findall(r"\w+", (bootstrap.ROOT / "Makefile").read_text().split(".PHONY: ")[1].split("\n")[0])
    )


@pytest.mark.parametrize("on_ci", [True, False])
def test_a_missing_part_ends_the_run_on_ci_and_is_said_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], on_ci: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "get_headless_shell", lambda: None)
    monkeypatch.setattr(bootstrap, "get_chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(bootstrap, "PARTS", [bootstrap.SystemPart("a thing", ["thing-server"], lambda: False)])
    monkeypatch.setattr(bootstrap, "install_packages", lambda packages: False)
    monkeypatch.setenv("CI", "true" if on_ci else "")
    if on_ci:
        with pytest.raises(SystemExit, match=r"a thing \(thing-server\)"):
            bootstrap.prepare_system()
    else:
        assert bootstrap.prepare_system()["IMHUB_CHROMIUM"] == "/usr/bin/chromium"
        assert "a thing (thing-server)" in capsys.readouterr().out


@POSIX_ONLY
def test_a_redis_server_is_looked_for_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    part = next(part for part in bootstrap.PARTS if part.packages == ["redis-server"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not part.is_there()
    a_program(tmp_path, "redis-server")
    assert part.is_there()


def test_what_touches_the_database_runs_on_postgresql_too() -> None:
    assert rounds.list_rounds(has_postgres=True) == {
        "SQLite": ["-n", "3"],
        "PostgreSQL": ["-n", "0", "-p", "tests.on_postgres"],
    }


def test_without_postgresql_its_round_is_said_to_be_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert rounds.list_rounds(has_postgres=False) == {"SQLite": ["-n", "3"]}
    assert "No PostgreSQL server (Debian's package postgresql)" in capsys.readouterr().out


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, tuple[int, str]]:
    """Database -> the exit code of its round and its report, which `bootstrap.test` then finds."""
    told: dict[str, tuple[int, str]] = {}

    def run_child(command: list[str], *_: object, **__: object) -> int:
        report = next(Path(word.partition("=")[2]) for word in command if word.startswith("--junitxml="))
        code, text = told[report.stem]
        report.write_text(text)
        return code

    monkeypatch.setattr(rounds, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(bootstrap, "find_postgres", lambda: Path("/usr/lib/postgresql/15/bin"))
    monkeypatch.setattr(rounds, "run_child", run_child)
    monkeypatch.setattr(rounds, "compile_tests", lambda environment: None)
    monkeypatch.setattr(bootstrap, "prepare_python", lambda level: None)
    monkeypatch.setattr(bootstrap, "prepare_system", dict)
    monkeypatch.setattr(rounds, "list_checks", lambda environment: {})
    return told


def test_the_last_lines_speak_of_both_rounds(
    reported: dict[str, tuple[int, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    reported["SQLite"] = 0, "<testsuite><testcase/><testcase/></testsuite>"
    reported["PostgreSQL"] = 1, "<testsuite><testcase/><testcase><failure/></testcase></testsuite>"
    assert bootstrap.test([]) == 1
    assert "Tests: 4 ran, 1 failed, 0 skipped;" in capsys.readouterr().out


def test_only_who_asks_for_some_tests_may_have_none_on_postgresql(reported: dict[str, tuple[int, str]]) -> None:
    reported["SQLite"] = 0, "<testsuite><testcase/></testsuite>"
    reported["PostgreSQL"] = rounds.NOTHING_SELECTED, "<testsuite/>"
    assert bootstrap.test(["tests/crawler"]) == 0
    assert bootstrap.test([]) == 1


def test_a_run_without_any_test_is_a_failure(reported: dict[str, tuple[int, str]]) -> None:
    reported["SQLite"] = reported["PostgreSQL"] = rounds.NOTHING_SELECTED, "<testsuite/>"
    assert bootstrap.test(["-k", "nothing"]) == 1


@POSIX_ONLY
def test_the_newest_postgresql_is_found_off_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(bootstrap, "POSTGRES_HOME", tmp_path)
    assert bootstrap.find_postgres() is None
    for version in ("9.6", "15", "17"):
        for name in ("initdb", "postgres"):
            a_program(tmp_path / version / "bin", name)
    assert bootstrap.find_postgres() == tmp_path / "17" / "bin"


def test_no_server_of_the_system_is_started_unless_somebody_wants_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "CREATE_CLUSTER", tmp_path / "postgresql-common" / "createcluster.conf")
    bootstrap.refuse_main_cluster()
    assert "create_main_cluster = false\n" in bootstrap.CREATE_CLUSTER.read_text()
    bootstrap.CREATE_CLUSTER.write_text("create_main_cluster = true\n")
    bootstrap.refuse_main_cluster()
    assert bootstrap.CREATE_CLUSTER.read_text() == "create_main_cluster = true\n"


def test_the_report_counts_what_ran_and_says_why_the_rest_did_not(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase><testcase><error/></testcase>"
        "<testcase><skipped type='pytest.xfail'/></testcase>"
        "<testcase><skipped type='pytest.skip' message='no Redis'/></testcase></testsuite></testsuites>"
    )
    assert read_report(report) == ({"ran": 4, "failed": 2, "skipped": 1}, ["no Redis"])


def test_no_report_means_that_nothing_ran(tmp_path: Path) -> None:
    assert read_report(tmp_path / "none") == ({"ran": 0, "failed": 0, "skipped": 0}, [])


@pytest.mark.parametrize(("subcommand", "reason"), [("serve", "usage: bootstrap.py run|test"), ("", "usage: ")])
def test_an_unknown_subcommand_is_answered_with_the_usage(subcommand: str, reason: str) -> None:
    with pytest.raises(SystemExit) as ended:
        bootstrap.main([subcommand] if subcommand else [])
    assert reason in str(ended.value)


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(SystemExit, match=r"needs Python 99\.0 or newer; this is 3\."):
        bootstrap.main(["run"])


def test_the_exit_code_of_a_child_is_passed_on() -> None:
    assert shell.run_child([sys.executable, "-c", "raise SystemExit(7)"], os.environ) == 7


@POSIX_ONLY
def test_a_signal_to_end_goes_on_to_the_child() -> None:
    child = "import time; print('up', flush=True); time.sleep(60)"
    command = f"[sys.executable, '-c', {child!r}]"
    code = f"import os, sys; from tests import shell; sys.exit(shell.run_child({command}, os.environ))"
    with subprocess.Popen([sys.executable, "-c", code], cwd=bootstrap.ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(timeout=60) == 128 + signal.SIGTERM


@pytest.fixture
def tools(a_checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit codes that npm will have, in turn."""
    codes: list[int] = []

    def run_child(command: list[str], environment: object) -> int:
        (a_checkout / "node_modules").mkdir(exist_ok=True)
        return codes.pop(0)

    for name in rounds.SCRIPT_TOOLS:
        (a_checkout / name).write_text("{}")
    monkeypatch.setattr(rounds, "ROOT", a_checkout)
    monkeypatch.setattr(rounds, "run_child", run_child)
    monkeypatch.setenv("CI", "")
    return codes


def test_the_tools_for_scripts_are_installed_once_and_again_when_they_change(tools: list[int]) -> None:
    tools += [0, 0]
    assert rounds.prepare_scripts({})
    assert rounds.prepare_scripts({})
    assert tools == [0]
    (rounds.ROOT / "package-lock.json").write_text('{"changed": true}')
    assert rounds.prepare_scripts({})
    assert tools == []


def test_without_the_tools_for_scripts_it_is_said_what_is_missing(
    tools: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    tools.append(1)
    assert not rounds.prepare_scripts({})
    assert "Missing, the scripts of the pages are not checked: TypeScript and Biome" in capsys.readouterr().out


def test_on_ci_the_run_ends_without_the_tools_for_scripts(tools: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    tools.append(1)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SystemExit, match="Missing: TypeScript and Biome"):
        rounds.prepare_scripts({})


def test_the_slowest_tests_are_listed_with_their_seconds_the_slowest_first(
    reported: dict[str, tuple[int, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    case = "<testcase classname='tests.t' name='{}' time='{}'/>"
    reported["SQLite"] = 0, f"<testsuite>{case.format('quick', 0.01)}{case.format('slow', 12.34)}</testsuite>"
    reported["PostgreSQL"] = 0, f"<testsuite>{case.format('middling', 2)}</testsuite>"
    assert bootstrap.test([]) == 0
    assert (
        "The slowest 3 of 3 tests, which took 14 s in sum:\n"
        "   12.3 s  tests.t::slow (SQLite)\n"
        "    2.0 s  tests.t::middling (PostgreSQL)\n"
        "    0.0 s  tests.t::quick (SQLite)\n"
    ) in capsys.readouterr().out


def test_what_a_round_beside_the_other_prints_is_shown_when_all_have_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rounds, "REPORTS", tmp_path)
    commands = {name: [sys.executable, "-c", f"print('said {name}'); raise SystemExit({name})"] for name in ("0", "3")}
    with rounds.run_beside(commands, os.environ) as beside:
        pass
    assert beside.codes == {"0": 0, "3": 3}
    assert beside.list_output() == ["== 0", "said 0", "== 3", "said 3"]


@POSIX_ONLY
def test_the_long_round_gives_way_to_what_is_beside_it() -> None:
    code = f"import os, sys; sys.stdin.read(); sys.exit(os.getpriority(os.PRIO_PROCESS, 0) - {os.nice(0)})"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as child:
        rounds.give_way(child)
        child.communicate()
    assert child.returncode == rounds.LESS


def test_what_runs_beside_ends_with_who_is_interrupted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rounds, "REPORTS", tmp_path)
    commands = {name: [sys.executable, "-c", "import time; time.sleep(60)"] for name in ("first", "second")}
    with pytest.raises(KeyboardInterrupt), rounds.run_beside(commands, os.environ) as beside:
        raise KeyboardInterrupt
    assert all(beside.codes.values())


@POSIX_ONLY
def test_the_demo_is_read_without_a_window_and_so_is_an_account_where_nobody_could_see_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bootstrap, "get_headless_shell", lambda: "/usr/bin/shell")
    monkeypatch.setattr(bootstrap, "get_chromium", lambda: "/usr/bin/chromium")
    for name in ("IMHUB_WORKER_BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert (bootstrap.get_worker_browser("hidden"), bootstrap.get_worker_browser("auto")) == ("/usr/bin/shell",) * 2
    monkeypatch.setenv("DISPLAY", ":0")
    assert bootstrap.get_worker_browser("hidden") == "/usr/bin/shell"
    assert bootstrap.get_worker_browser("auto") == "/usr/bin/chromium"
    monkeypatch.setenv("IMHUB_WORKER_BROWSER", "visible")
    assert bootstrap.get_worker_browser("hidden") == "/usr/bin/chromium"
    monkeypatch.setattr(bootstrap, "get_headless_shell", lambda: None)
    monkeypatch.setenv("IMHUB_WORKER_BROWSER", "hidden")
    assert bootstrap.get_worker_browser("hidden") == "/usr/bin/chromium"


@POSIX_ONLY
def test_tests_use_a_browser_without_a_window_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("IMHUB_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.get_headless_shell() is None
    shell = a_program(tmp_path, "chromium-headless-shell")
    assert bootstrap.get_headless_shell() == shell
    monkeypatch.setenv("IMHUB_CHROMIUM", "/the/one/that/is/named")
    assert bootstrap.get_headless_shell() is None
