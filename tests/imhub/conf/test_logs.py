"""What the log tells, and in how many lines."""

import io
import logging

import pytest

from imhub.conf.logs import ClientsFault, OneLineFormatter


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> logging.Logger:
    logger = logging.Logger("uvicorn.error")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLineFormatter("{levelname} {message}", style="{"))
    logger.addHandler(handler)
    logger.addFilter(ClientsFault())
    return logger


def break_utf_8() -> None:
    b"\xff".decode()


def test_what_people_wrote_forges_no_line(log: logging.Logger, stream: io.StringIO) -> None:
    log.info("name\r\nERROR all is lost")
    assert stream.getvalue() == "INFO name\\r\\nERROR all is lost\n"


def test_a_frame_that_is_not_utf_8_is_one_line(log: logging.Logger, stream: io.StringIO) -> None:
    try:
        break_utf_8()
    except UnicodeDecodeError:
        log.exception("Invalid UTF-8 sequence received from client.")
    assert stream.getvalue() == "WARNING Invalid UTF-8 sequence received from client.\n"


def test_a_failure_of_ours_keeps_its_traceback(log: logging.Logger, stream: io.StringIO) -> None:
    try:
        break_utf_8()
    except UnicodeDecodeError:
        log.exception("Exception in ASGI application\n")
    assert "Traceback" in stream.getvalue()
    assert stream.getvalue().startswith("ERROR ")
