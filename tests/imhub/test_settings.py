"""The settings as a process sees them, and the two keys it generates."""

import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from crawler.platforms import PLATFORMS
from imhub.conf.environment import BadSetting
from imhub.conf.keys import check_session_keys, get_key
from tests.processes import run_python


def run_manage(data_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "IMHUB_DATA_DIR": str(data_dir), **variables}
    return run_python("manage.py", *arguments, env=env)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMHUB_PORT", "http"),
        ("IMHUB_SESSION_KEY", "short"),
        ("IMHUB_DATABASE_URL", "mysql://h/n"),
        ("IMHUB_PUBLIC_URL", "hub.example.com"),
        ("IMHUB_WORKER_BROWSER", "headless"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    result = run_manage(tmp_path, "check", **{name: value})
    assert result.returncode == 1
    assert result.stderr.startswith(f"{name}: ")
    assert result.stderr.count("\n") == 1


def test_cookies_that_browsers_would_not_send_stop_the_start(tmp_path: Path) -> None:
    result = run_manage(tmp_path, "check", IMHUB_PUBLIC_URL="http://hub.lan", IMHUB_SECURE_COOKIES="on")
    assert result.returncode == 1
    assert result.stderr == (
        "IMHUB_SECURE_COOKIES: is on, but browsers come to http://hub.lan (IMHUB_PUBLIC_URL) without TLS\n"
    )


def test_a_start_from_nothing_makes_both_keys_for_this_user_only(tmp_path: Path) -> None:
    data_dir = tmp_path / "new"
    assert run_manage(data_dir, "check").returncode == 0
    keys = {name: (data_dir / name).read_text() for name in ("secret_key", "session_key")}
    if os.name == "posix":
        assert {stat.S_IMODE((data_dir / name).stat().st_mode) for name in keys} == {0o600}
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert run_manage(data_dir, "check").returncode == 0
    assert keys == {name: (data_dir / name).read_text() for name in keys}


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_whatever_our_processes_write_is_for_this_user_only(tmp_path: Path) -> None:
    data_dir = tmp_path / "new"
    code = """
from django.db import connection
from django.conf import settings
from sync.storage.locks.directory_lock import take_directory_lock
take_directory_lock().release()
open(settings.DATA_DIR / "x", "w").close()
connection.cursor().execute("CREATE TABLE t (x)")
"""
    assert run_manage(data_dir, "shell", "-v0", "-c", code).returncode == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data_dir.iterdir()}
    assert {"x", "hub.lock", "hub.holder", "imhub.sqlite3"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    numbers = count()
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: get_key("X", tmp_path / "key", lambda: f"key {next(numbers)}"), range(64)))
    assert set(got) == {"key 0"}


def test_a_key_of_the_environment_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMHUB_X", "given")
    assert get_key("X", tmp_path / "key", lambda: "made") == "given"
    assert list(tmp_path.iterdir()) == []


def test_an_emptied_key_file_is_refused_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    with pytest.raises(BadSetting, match=r"^IMHUB_X: .*is empty"):
        get_key("X", tmp_path / "key", lambda: "made")
    assert (tmp_path / "key").read_text() == ""


def test_session_keys_may_be_several_and_must_all_be_keys() -> None:
    two = f"{Fernet.generate_key().decode()}, {Fernet.generate_key().decode()}"
    assert check_session_keys(two) == two
    with pytest.raises(BadSetting, match=r"^IMHUB_SESSION_KEY: "):
        check_session_keys(two + ",x")


def test_the_platforms_are_those_of_the_worker() -> None:
    assert list(PLATFORMS) == settings.PLATFORMS


@pytest.mark.parametrize(
    ("secure_cookies", "public_url", "expected"),
    [
        ("", "", "False False []"),
        ("on", "", "True True ['https://hub.lan']"),
        ("", "https://hub.example.com:8443", "True True ['https://hub.example.com:8443']"),
        ("off", "https://hub.example.com", "False False ['https://hub.example.com']"),
        ("", "http://hub.example.com:8080", "False False ['http://hub.example.com:8080']"),
    ],
)
def test_cookies_and_origins_follow_the_public_address(
    tmp_path: Path, secure_cookies: str, public_url: str, expected: str
) -> None:
    code = (
        "from imhub import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.CSRF_TRUSTED_ORIGINS);"
        "print(s.ALLOWED_HOSTS)"
    )
    env = {**os.environ, "IMHUB_DATA_DIR": str(tmp_path), "IMHUB_ALLOWED_HOSTS": "hub.lan"}
    env |= {"IMHUB_SECURE_COOKIES": secure_cookies, "IMHUB_PUBLIC_URL": public_url}
    result = run_python("-c", code, env=env)
    assert result.stdout.splitlines()[0] == expected
    assert ("hub.example.com" in result.stdout.splitlines()[1]) is bool(public_url)


def test_every_setting_has_the_default_of_the_manual() -> None:
    names = "HOST PORT DEBUG MAX_FRAME_BYTES MAX_SNAPSHOT_BYTES SYNC_INTERVAL_S RETENTION_DAYS FRESH_DAYS DEMO_PORT"
    code = f"from imhub import settings as s; print([getattr(s, n) for n in '{names}'.split()], s.ALLOWED_HOSTS)"
    result = run_python("-c", code, env=os.environ)
    assert result.stdout.strip() == (
        "['127.0.0.1', 8000, False, 1000000, 67108864, 30.0, 0, 3, 8100]"
        " ['localhost', '127.0.0.1', '[::1]', '127.0.0.1']"
    )
