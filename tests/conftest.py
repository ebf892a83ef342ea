import asyncio
import gc
import os
import shutil
from collections.abc import Generator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import settings as properties
from whitenoise.middleware import WhiteNoiseMiddleware

from im_api import access
from sync.hub import Hub, set_hub
from tests import openapi
from tests.migrated import RUN_DIR, copy_migrated

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A machine that does much else takes its time: how long an example took says nothing.
properties.register_profile("hub", deadline=None)
properties.load_profile("hub")

# What is imported and collected stays: to look through it again and again takes half the time of collecting.
gc.disable()

TABLES_OF_MIGRATIONS = {"django_content_type", "auth_permission"}
BROWSER_LOOP = pytest.StashKey[asyncio.AbstractEventLoop]()


@pytest.fixture(scope="session", autouse=True)
def watched_answers() -> Iterator[None]:
    with openapi.watched_answers():
        yield


if connection.vendor == "sqlite":

    @pytest.fixture(scope="session")
    def django_db_setup(django_test_environment: None) -> None:
        """Copy this process's database: one process of the run has migrated it for all of them."""
        file = Path(settings.DATABASES["default"]["TEST"]["NAME"])
        copy_migrated(file.parent, file.name)
        connection.settings_dict["NAME"] = str(file)


@pytest.fixture(scope="session", autouse=True)
def _emptied_tables() -> Iterator[None]:
    """After a transactional test Django would make all its permissions anew too, which takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


def empty_tables(case: Any) -> None:
    """Delete all rows but those of migrations, which are the same after every test."""
    for name in case._databases_names(include_mirrors=False):
        connection = connections[name]
        there = connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = [table for table in there if table not in TABLES_OF_MIGRATIONS]
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once() -> Iterator[None]:
    """Each client of a test makes the middleware anew, and looked through all static files for it."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[object, ...], dict[str, Any]] = {}

    def take_found(self: WhiteNoiseMiddleware) -> None:
        asked = (self.static_prefix, self.static_root, self.max_age, self.allow_all_origins, self.add_headers_function)
        if asked not in found:
            find(self)
            found[asked] = self.files
        self.files = dict(found[asked])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", take_found)
        yield


@pytest.fixture(autouse=True)
def _nobody_known() -> Iterator[None]:
    """Who may do what is read again: the next test has other people, with the same numbers."""
    yield
    access.forget()


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> "Iterator[Browser]":
    """One for all tests of this process: each works in contexts of its own."""
    from tests.browsers import running_browser  # most tests need no browser, and it is slow to import

    with running_browser() as browser:
        yield browser
        # Where one test alone used it, nothing is kept yet: its loop is still the running one.
        if loop := request.config.stash.get(BROWSER_LOOP, None):
            asyncio._set_running_loop(loop)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the files, the long ones come first: in the end none waits for another."""
    if hasattr(config, "workerinput"):
        long = {name: {item.path for item in items if item.get_closest_marker(name)} for name in ("browser", "e2e")}
        items.sort(key=lambda item: (item.path not in long["browser"], item.path not in long["e2e"]))


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Playwright leaves its event loop as the running one, in which no other test could start its own: so it is the
    running one in tests with a browser only. Those on a loop of their own have a browser of their own.
    """
    kept = item.config.stash
    if item.get_closest_marker("browser") and not iscoroutinefunction(getattr(item, "obj", None)):
        asyncio._set_running_loop(kept.get(BROWSER_LOOP, None))
    try:
        return (yield)
    finally:
        if loop := asyncio._get_running_loop():
            kept[BROWSER_LOOP] = loop
        asyncio._set_running_loop(None)


@pytest.fixture
def empty_hub() -> Iterator[None]:
    """It holds nothing; pages for people are shown."""
    set_hub(Hub(clock=lambda: 0))
    yield
    set_hub(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test fails if the API gave it an answer that is not as described."""
    result = yield
    openapi.complain()
    return result


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[RUN_DIR], ignore_errors=True)
