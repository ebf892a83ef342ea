"""Configures the log: one plain line per event, to stderr."""

import logging
from typing import Any

from imhub.conf.optional import left_out

with left_out("rich", "twisted"):  # for logs of a terminal and of Twisted
    import structlog


class OneLineFormatter(logging.Formatter):
    """Keeps a message on its line: what people wrote must not be able to forge a log line. Tracebacks stay readable."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class ClientsFault(logging.Filter):
    """The server writes a traceback of its own for a frame that is not UTF-8. One line says as much."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError) and "from client" in record.msg:
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class NoFaultOfOurs(logging.Filter):
    """Keeps the line and leaves out the traceback of what was asked wrongly, not allowed, or asked too soon."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 500)
        if status < 500 or status == 503:
            record.exc_info = None
            record.levelno, record.levelname = min(record.levelno, logging.WARNING), "WARNING"
        return True


def make_logging(level: str) -> dict[str, Any]:
    """Return Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "imhub.conf.logs.OneLineFormatter",
                "format": "{asctime} {levelname:<7} {name}: {message}",
                "style": "{",
            }
        },
        "filters": {
            "clients_fault": {"()": "imhub.conf.logs.ClientsFault"},
            "no_fault_of_ours": {"()": "imhub.conf.logs.NoFaultOfOurs"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "none": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handler would print everything a second time.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"filters": ["no_fault_of_ours"]},
            # A line per request drowns the others, and addresses may carry what people searched for.
            "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.error": {"filters": ["clients_fault"]},
            "daphne.server": {"level": "WARNING"},
            # A request under another host name is answered with 400; a traceback for each would fill the log.
            "django.security.DisallowedHost": {"handlers": ["none"], "propagate": False},
            # django-axes writes several lines per login beside the one about a failure.
            "axes": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
            # A traceback a second while Redis is away. The hub says once that it is, and once that it is back.
            "channels_redis.pubsub": {"handlers": ["none"], "propagate": False},
            # What sends alerts names addresses, which are keys. What failed is told on the owner's page instead.
            "apprise": {"handlers": ["none"], "level": "WARNING", "propagate": False},
            "urllib3": {"handlers": ["none"], "level": "ERROR", "propagate": False},
        },
    }


def configure_structlog() -> None:
    """Let `structlog.get_logger(...)` write through the same handlers, as `event key=value`."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True, repr_native_str=False),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
