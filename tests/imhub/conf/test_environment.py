from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.checks import Error
from pytest_django import Settings

from imhub.conf import checks
from imhub.conf import environment as env

Give = Callable[[str], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Give:
    def give(value: str) -> None:
        monkeypatch.setenv("IMHUB_X", value)

    return give


def read_int() -> int:
    return env.get_int("X", 7, least=1, most=10)


@pytest.mark.parametrize("value", ["ten", "0", "11", "1.5"])
def test_a_number_that_is_none_or_out_of_range_is_refused_by_name(given: Give, value: str) -> None:
    given(value)
    with pytest.raises(env.BadSetting, match=r"^IMHUB_X: .+"):
        read_int()


@pytest.mark.parametrize(("value", "read"), [("", 7), ("  ", 7), ("1", 1), ("10", 10), (" 3 ", 3)])
def test_a_number_is_read_and_empty_means_not_set(given: Give, value: str, read: int) -> None:
    given(value)
    assert read_int() == read


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (lambda: env.get_bool("X", False), "perhaps"),
        (lambda: env.get_float("X", 30, least=0.1, most=60), "soon"),
        (lambda: env.get_float("X", 30, least=0.1, most=60), "nan"),
        (lambda: env.get_hosts("X", []), "hub.example.com,https://hub.example.com"),
        (lambda: env.get_hosts("X", []), "hub.example.com:8000"),
        (lambda: env.get_media_hosts("X", []), "*.example.com; script-src *"),
        (lambda: env.get_media_hosts("X", []), "*"),
        (lambda: env.get_url("X", ""), "creator.douyin.com"),
        (lambda: env.get_url("X", ""), "ftp://example.com"),
        (lambda: env.get_url("X", ""), "http://example.com:port"),
        (lambda: env.get_url("X", "", ("redis",)), "localhost:6379"),
        (lambda: env.get_public_url("X"), "hub.example.com"),
        (lambda: env.get_public_url("X"), "ws://hub.example.com"),
        (lambda: env.get_public_url("X"), "https://hub.example.com/imhub"),
        (lambda: env.get_public_url("X"), "https://hub.example.com?x=1"),
        (lambda: env.get_public_url("X"), "https://ann:secret@hub.example.com"),
        (lambda: env.get_public_url("X"), "https://*.example.com"),
        (lambda: env.get_public_url("X"), "https://hub.example.com:port"),
        (lambda: env.get_public_url("X"), "https://hub.example.com:0"),
        (lambda: env.get_public_url("X"), "https://收件箱.example.com"),
        (lambda: env.get_file("X"), "/no/such/chromium"),
        (lambda: env.get_time_zone("X", "UTC"), "Mars/Olympus"),
        (lambda: env.get_time_zone("X", "UTC"), "../etc/passwd"),
        (lambda: env.get_database("X", Path("f")), "imhub"),
        (lambda: env.get_database("X", Path("f")), "mysql://u:p@h/n"),
        (lambda: env.get_database("X", Path("f")), "postgres://u:p@h"),
        (lambda: env.get_database("X", Path("f")), "postgres://u:p@h:port/n"),
    ],
)
def test_a_value_nobody_can_start_with_is_refused_by_name(
    given: Give, reader: Callable[[], object], value: str
) -> None:
    given(value)
    with pytest.raises(env.BadSetting, match=r"^IMHUB_X: .+"):
        reader()


def test_a_refused_database_address_does_not_print_its_password(given: Give) -> None:
    given("mysql://user:hunter2@host/name")
    with pytest.raises(env.BadSetting) as refused:
        env.get_database("X", Path("f"))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "sqlite:////tmp/some.sqlite3"])
def test_sqlite_always_locks_at_once_and_waits_for_its_turn(given: Give, url: str) -> None:
    given(url)
    options = env.get_database("X", Path("f"))["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


def test_a_postgres_address_is_understood(given: Give) -> None:
    given("postgres://u:p%40w@db.example.com:5433/hub?sslmode=require")
    database = env.get_database("X", Path("f"))
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.com", 5433, "hub")
    assert database["PASSWORD"] == "p@w"
    assert database["OPTIONS"]["sslmode"] == "require"


def test_a_base_address_loses_its_last_slash(given: Give) -> None:
    given("http://127.0.0.1:8100/")
    assert env.get_url("X", "") == "http://127.0.0.1:8100"


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("", ""),
        ("https://hub.example.com", "https://hub.example.com"),
        ("https://Hub.Example.com:443/", "https://hub.example.com"),
        ("http://hub.example.com:80", "http://hub.example.com"),
        ("https://hub.example.com:8443", "https://hub.example.com:8443"),
        ("http://[fd00::7]:8000/", "http://[fd00::7]:8000"),
    ],
)
def test_a_public_address_is_read_as_browsers_write_origins(given: Give, value: str, origin: str) -> None:
    given(value)
    assert env.get_public_url("X") == origin


def test_a_data_directory_is_made_and_must_be_a_directory(given: Give, tmp_path: Path) -> None:
    given(str(tmp_path / "a" / "b"))
    assert env.get_directory("X", Path("unused")).is_dir()
    (tmp_path / "file").touch()
    given(str(tmp_path / "file" / "b"))
    with pytest.raises(env.BadSetting, match=r"^IMHUB_X: cannot make the directory"):
        env.get_directory("X", Path("unused"))


def test_the_order_of_the_apps_is_right(settings: Settings) -> None:
    assert checks.check_order_of_apps(None) == []


@pytest.mark.parametrize(("first", "second", "code"), [(f, s, c) for f, s, _, c in checks.ORDER])
def test_a_wrong_order_of_apps_is_an_error(settings: Settings, first: str, second: str, code: str) -> None:
    apps = list(settings.INSTALLED_APPS)
    apps.remove(first)
    settings.INSTALLED_APPS = [*apps, first]
    found = checks.check_order_of_apps(None)
    assert [(type(error), error.id) for error in found] == [(Error, code)]
