"""A session travels only where nobody else can read it."""

import pytest

from sync.protocol.confidential import is_confidential, is_loopback


@pytest.mark.parametrize(
    ("scheme", "host", "expected"),
    [
        ("wss", "hub.example", True),
        ("wss", "", True),
        ("ws", "localhost", False),
        ("ws", "127.0.0.1", True),
        ("ws", "127.8.8.8", True),
        ("ws", "::1", True),
        ("ws", "hub.example", False),
        ("ws", "192.168.1.4", False),
        ("ws", "localhost.example", False),
        ("ws", "", False),
    ],
)
def test_only_encrypted_or_local_connections_are_confidential(scheme: str, host: str, expected: bool) -> None:
    assert is_confidential(scheme, host) is expected


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::1]", "127.0.0.1:8000"])
def test_an_address_that_is_not_plainly_loopback_is_another_machine(host: str) -> None:
    assert not is_loopback(host)
