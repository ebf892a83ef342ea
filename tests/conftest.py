import shutil
from collections.abc import Generator, Iterator

import pytest
from django.conf import settings

from im_api import access
from sync.hub import Hub, set_hub
from tests import openapi


@pytest.fixture(scope="session", autouse=True)
def watched_answers() -> Iterator[None]:
    with openapi.watched_answers():
        yield


@pytest.fixture(autouse=True)
def _nobody_known() -> Iterator[None]:
    """Who may do what is read again: the next test has other people, with the same numbers."""
    yield
    access.forget()


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
