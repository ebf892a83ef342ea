"""Starts Python programs out of a process that has imported what they all import.

`python -m tests.preloaded FD` forks for each request on its socket, and ends with it. A child is a process of its own,
with the session, environment, files and exit code that `python ARGUMENTS` would have. What is imported before knows no
setting: each child reads its own. Linux only; tests/processes.py asks for children.

    a request: {"arguments": [...], "environment": {...}}, with three files: stdout, stderr, and one for what becomes of
    the child: its number, and in the end its exit code, a line each
"""

from __future__ import annotations

import builtins
import gc
import importlib
import io
import json
import os
import runpy
import selectors
import socket
import sys
import time
from contextlib import suppress
from types import ModuleType
from typing import Any, Final, NamedTuple, TextIO

# Of libraries whatever a hub or a worker imports without settings, and the rooms of ours that know no Django.
MODULES: Final = (
    "PIL.Image",
    "asgiref.server",
    "channels.auth",
    "channels.generic.websocket",
    "channels.routing",
    "cryptography.fernet",
    "cryptography.hazmat.primitives.serialization",
    "django.contrib.admin",
    "django.contrib.admindocs.views",
    "django.contrib.auth.hashers",
    "django.contrib.auth.password_validation",
    "django.contrib.contenttypes.apps",
    "django.contrib.messages.middleware",
    "django.contrib.sessions.backends.db",
    "django.contrib.sessions.middleware",
    "django.contrib.staticfiles.finders",
    "django.core.asgi",
    "django.core.management.commands.shell",
    "django.core.servers.basehttp",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.state",
    "django.middleware.common",
    "django.middleware.clickjacking",
    "django.middleware.csrf",
    "django.middleware.security",
    "django.views.defaults",
    "environs",
    "filelock",
    "immutables",
    "playwright.async_api",
    "prometheus_client",
    "psutil",
    "rest_framework.authentication",
    "rest_framework.metadata",
    "rest_framework.mixins",
    "rest_framework.negotiation",
    "rest_framework.permissions",
    "rest_framework.serializers",
    "rest_framework.response",
    "segno",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_impl",
    "whitenoise.middleware",
    "sync.core.change.apply",
    "sync.core.change.operator_changes",
    "sync.core.change.snapshot_validation",
    "sync.core.heads.stored_head",
    "sync.core.lists.inbox",
    "sync.core.lists.reply_queue",
    "sync.core.lists.stretch",
    "sync.core.lists.works",
    "sync.core.stored.image",
    "sync.protocol.platforms",
    "crawler.platforms",
    "crawler.worker",
    "demo.app",
)
REQUEST_BYTES: Final = 128 * 1024


class Request(NamedTuple):
    """`files`: what becomes stdout and stderr, and where to write what became of it."""

    arguments: list[str]
    environment: dict[str, str]
    files: list[int]


def serve(asked: socket.socket) -> Request | None:
    """Answer requests. Return None when nobody can ask any more, and in each child what was asked of it."""
    reports: dict[int, int] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is not asked:
                    ready.unregister(key.fd)
                    os.close(key.fd)
                    report_end(key.data, reports.pop(key.data))
                    continue
                request, files, *_ = socket.recv_fds(asked, REQUEST_BYTES, 3)
                if not request:
                    return None
                child = os.fork()
                if child == 0:
                    return Request(**json.loads(request), files=files)
                stdout, stderr, reports[child] = files
                os.close(stdout)
                os.close(stderr)
                ready.register(os.pidfd_open(child), selectors.EVENT_READ, child)


def report_end(child: int, report: int) -> None:
    """Write the exit code of a child that has ended; that of a signal is negative."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(report, f"{code}\n".encode())
    os.close(report)


def become(request: Request) -> None:
    """Give this process, just forked, the session, the files and the environment that it is asked to have.

    Only then it tells its number: whoever knows that may send a signal to the whole session.
    """
    os.setsid()
    os.dup2(request.files[0], 1)
    os.dup2(request.files[1], 2)
    os.write(request.files[2], f"{os.getpid()}\n".encode())
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    if os.environ.get("PYTHONUNBUFFERED"):
        sys.stdout, sys.stderr = make_unbuffered(1), make_unbuffered(2)
    gc.enable()


def make_unbuffered(file: int) -> TextIO:
    """Return a text stream that writes at once."""
    errors = "strict" if file == 1 else "backslashreplace"
    raw: Any = io.FileIO(file, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)


def run(arguments: list[str]) -> None:
    """Run what `python ARGUMENTS` would: a file, `-m MODULE` or `-c CODE`."""
    first, *others = arguments
    if first == "-c":
        sys.argv = ["-c", *others[1:]]
        main = ModuleType("__main__")
        main.__builtins__ = builtins  # type: ignore[attr-defined]
        sys.modules["__main__"] = main
        exec(compile(others[0], "<string>", "exec"), main.__dict__)  # noqa: S102
    elif first == "-m":
        sys.argv = others
        runpy.run_module(others[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(first, run_name="__main__")


def main() -> None:
    gc.disable()
    for name in MODULES:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        request = serve(asked)
    if request is not None:
        become(request)
        run(request.arguments)


if __name__ == "__main__":
    main()
