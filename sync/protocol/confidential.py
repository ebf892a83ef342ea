"""Decides whether nobody else can read a connection: it is encrypted, or it stays on this machine."""

import ipaddress


def is_confidential(scheme: str, host: str) -> bool:
    """Return whether a session may travel over a connection of `scheme` (`ws` or `wss`) to or from `host`.

    `host` is an IP address without brackets; a name, or "" for an unknown host, counts as another machine.
    """
    return scheme == "wss" or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Return whether `host` is an address of this machine alone. A name is none: what it leads to is not known here."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
