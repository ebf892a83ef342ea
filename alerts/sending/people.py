"""Alerts in people's messengers, through Apprise: WeCom, Feishu, DingTalk, Bark, ntfy, Telegram, e-mail and more."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from alerts.sending.failed import SendFailed, hide_secrets

MOST_SHOWN: Final = 120
_log: Final = logging.getLogger("apprise")


class BadAddress(Exception):
    """Raised for an address that no service has."""


def describe_address(address: str) -> str:
    """Return what may be shown of an address: the service alone, for any other part may be a key. Raises BadAddress."""
    return str(_make_plugin(address).service_name)[:MOST_SHOWN]


def send_to_people(address: str, title: str, body: str) -> None:
    """Send one message. Raises SendFailed, without the address in it; what else a plugin raises is for the caller."""
    try:
        plugin = _make_plugin(address)
    except BadAddress:
        raise SendFailed("address") from None
    heard = _Heard()
    _log.addHandler(heard)
    try:
        taken = plugin.notify(body=body, title=title, body_format="text")
    finally:
        _log.removeHandler(heard)
    if not taken:
        raise SendFailed("refused", hide_secrets(" ".join(heard.words), [address]))


def _make_plugin(address: str) -> Any:
    """Return the library's object for the address. It follows no redirect: nobody else chooses where we go."""
    import apprise  # half a second, and only where somebody has such an address

    # A fault of the address is told to whoever entered it, in words of ours; the library's would name it in the log.
    plugin = apprise.Apprise.instantiate(address.strip(), suppress_exceptions=True)
    if plugin is None:
        raise BadAddress
    plugin.redirects = False
    return plugin


class _Heard(logging.Handler):
    """The library says why something failed in its log only. This gathers it for the thread that sends."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.words.append(record.getMessage())
