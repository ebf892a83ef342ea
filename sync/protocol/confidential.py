"""Decides whether nobody else can read a connection: it is encrypted, or it stays on this machine."""

import ipaddress


def is_confidential(scheme: str, host: str) -> bool:
    """Return whether a session may travel over a connection of `scheme` (`ws` or `wss`) to or from `host`.

    `host` is a name or an IP address without brackets; "" is an unknown host, which counts as another machine.
    """
    return scheme == "wss" or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine. Of the names, only `localhost` is."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
