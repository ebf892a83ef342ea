"""The errors that the hub raises to whoever starts it or writes through it."""


class HubNotReady(Exception):
    """Raised when no hub runs in this process, or it is still loading."""


class HubBusy(Exception):
    """Raised when a change was not written, or nobody knows yet. The same request may be sent again."""


class HubRefused(Exception):
    """Raised when the hub may not start here. The message says who holds what."""
