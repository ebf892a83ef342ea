"""The form of whoever follows the hub: the push feed and the alerts are two."""

from __future__ import annotations

from typing import Protocol

from sync.writing.jobs import Published


class Follower(Protocol):
    """Is notified, on the hub's event loop, of everything that changes."""

    def published(self, published: Published) -> None:
        """Take what a batch of the writer did. The store holds the new views already."""

    def directory_changed(self) -> None:
        """Take notice that accounts, workers, tokens or grants changed."""

    def __len__(self) -> int:
        """Return the number of connections that it serves."""
