"""The ids that answers about an account may name: of what is stored, and of what stored items refer to."""

from __future__ import annotations

from collections.abc import Iterator

from sync.core.account.view import View
from sync.protocol.items import COLLECTIONS, REFERENCES


def list_named_ids(view: View) -> Iterator[str]:
    """Yield every id that an answer about the account may name, some of them several times."""
    yield from view.adopted
    for name in COLLECTIONS:
        yield from view.entries(name)
        attributes = [attribute for attribute, _ in REFERENCES[name]]
        for entry in view.entries(name).values():
            for attribute in attributes:
                reference: str | None = getattr(entry.item, attribute)
                if reference is not None:
                    yield reference
