"""Readers of the environment. Every name has the prefix `IMHUB_`; an empty value counts as not set.

Each reader raises BadSetting, which ends the start with one line: the name and the reason.
"""

import ipaddress
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from environs import Env, EnvError, EnvValidationError, validate

PREFIX = "IMHUB_"

_HOST = re.compile(r"\*|\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_MEDIA_HOST = re.compile(r"(https?://)?(\*\.)?[A-Za-z0-9_.-]+(:\d+)?")
_SQLITE_OPTIONS = {
    # Without IMMEDIATE two writers that both began with a read fail with "database is locked", whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    # The writer checkpoints the write-ahead log between two commits. SQLite does it within one, as a fallback.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000; "
    "PRAGMA wal_autocheckpoint=10000;",
}

# Seconds. The pool waits longer after each failed attempt, so a short limit brings it back soon after the server.
_POOL = {"min_size": 1, "max_size": 16, "timeout": 5, "reconnect_timeout": 5}


class BadSetting(SystemExit):
    """Ends the process with exit code 1 and one line on stderr, whatever entry point loads the settings."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{PREFIX}{name}: {reason}")


def get_text(name: str, default: str) -> str:
    """Return the value without white space around it, or `default`."""
    return os.environ.get(PREFIX + name, "").strip() or default


def get_choice(name: str, default: str, choices: Sequence[str]) -> str:
    """Return one of `choices`."""
    text = get_text(name, default)
    if text not in choices:
        raise BadSetting(name, f"{text!r} is none of {', '.join(choices)}")
    return text


def get_bool(name: str, default: bool) -> bool:
    """Return a boolean: on/off, true/false, yes/no, 1/0."""
    return bool(_read("bool", name, default))


def get_int(name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number of `least` to `most`."""
    return int(_read("int", name, default, validate=validate.Range(least, most)))


def get_float(name: str, default: float, *, least: float, most: float) -> float:
    """Return a number of `least` to `most`."""
    return float(_read("float", name, default, validate=validate.Range(least, most)))


def get_list(name: str, default: Sequence[str]) -> list[str]:
    """Return a comma separated list."""
    text = get_text(name, "")
    return [part for part in map(str.strip, text.split(",")) if part] if text else list(default)


def get_time_zone(name: str, default: str) -> str:
    """Return the name of a zone that this machine knows, such as Asia/Shanghai."""
    zone = get_text(name, default)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(name, f"there is no time zone {zone!r}") from None
    return zone


def get_hosts(name: str, default: Sequence[str]) -> list[str]:
    """Return host names as Django's ALLOWED_HOSTS takes them: no scheme, no port."""
    hosts = get_list(name, default)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise BadSetting(name, f"{host!r} is not a host name (no scheme, no port)")
    return hosts


def get_networks(name: str, default: Sequence[str]) -> list[str]:
    """Return IP addresses and networks such as 10.0.0.0/8."""
    networks = get_list(name, default)
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise BadSetting(name, str(error)) from None
    return networks


def get_media_hosts(name: str, default: Sequence[str]) -> list[str]:
    """Return sources for the Content-Security-Policy: `host`, `*.host`, each with an optional scheme and port."""
    hosts = get_list(name, default)
    for host in hosts:
        if not _MEDIA_HOST.fullmatch(host):
            raise BadSetting(name, f"{host!r} is not a host such as *.example.com")
    return hosts


def get_url(name: str, default: str, schemes: Sequence[str] = ("http", "https")) -> str:
    """Return a base address, without the slash at its end."""
    url = get_text(name, default)
    if url:
        _check_url(name, url, schemes)
    return url.rstrip("/")


def get_public_url(name: str) -> str:
    """Return where people's browsers find the hub, as they name it in `Origin`; '' if not set.

    That is scheme, host and, unless it is the scheme's own, the port: the hub knows no path before its own.
    """
    url = get_url(name, "").lower()
    if not url:
        return ""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc or not _HOST.fullmatch(host) or "*" in host:
        raise BadSetting(name, "must be scheme, host and perhaps a port, such as https://hub.example.com:8443")
    is_default = parts.port in (None, {"http": 80, "https": 443}[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if is_default else f":{parts.port}")


def get_file(name: str) -> str:
    """Return the path of an existing file, or '' if not set."""
    path = get_text(name, "")
    if path and not Path(path).is_file():
        raise BadSetting(name, f"there is no file {path}")
    return path


def get_directory(name: str, default: Path) -> Path:
    """Return a directory that can be written to. It is made, for this user only, if it is missing."""
    path = Path(get_text(name, str(default))).expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, f"cannot make the directory {path}: {error.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise BadSetting(name, f"the directory {path} cannot be written to")
    return path


def get_database(name: str, default_file: Path) -> dict[str, Any]:
    """Return Django's settings of one database, from an address (`postgres://…`, `sqlite:///…`)."""
    url = get_text(name, "")
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": default_file, "OPTIONS": dict(_SQLITE_OPTIONS)}
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError):
        _refuse_database(name)
    engine = database["ENGINE"]
    if engine.endswith(".sqlite3"):
        database["OPTIONS"] = {**_SQLITE_OPTIONS, **database.get("OPTIONS", {})}
    elif engine.endswith(".postgresql"):
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = {
            "pool": dict(_POOL),
            **database.get("OPTIONS", {}),
        }
    else:
        _refuse_database(name)
    if not database["NAME"]:
        raise BadSetting(name, "names no database")
    return database


def _refuse_database(name: str) -> NoReturn:
    # The message does not show the value: it may hold a password.
    raise BadSetting(name, "must be postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:///PATH") from None


def _check_url(name: str, url: str, schemes: Sequence[str]) -> None:
    with suppress(ValueError):  # a port that is no number, a bracket without its pair
        parts = urlsplit(url)
        has_place = bool(parts.hostname) or (parts.scheme == "unix" and bool(parts.path))
        if parts.scheme in schemes and has_place and (parts.port is None or parts.port > 0):
            return
    raise BadSetting(name, f"must be an address that starts with {' or '.join(s + '://' for s in schemes)}")


def _read(kind: str, name: str, default: object, **options: Any) -> Any:
    if not get_text(name, ""):
        return default
    try:
        return getattr(Env(prefix=PREFIX), kind)(name, **options)
    except EnvValidationError as error:
        raise BadSetting(name, " ".join(map(str, error.error_messages))) from None
    except (EnvError, ValueError) as error:
        raise BadSetting(name, str(error)) from None
