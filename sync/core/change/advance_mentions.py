"""Advance the index of what messages and notices name, by one step."""

from __future__ import annotations

from typing import Final

from sync.core.change.references import FOLLOWED
from sync.core.change.view_builder import ViewBuilder
from sync.core.maps import Map
from sync.protocol.items import REFERENCES, Collection

# References that no list stands under: (collection, attribute, target). A conversation's `last_message_id` is only
# compared.
MENTIONS: Final[tuple[tuple[Collection, str, Collection], ...]] = tuple(
    (name, attribute, target)
    for name, references in REFERENCES.items()
    for attribute, target in references
    if name != "conversations" and (name, attribute, target) not in FOLLOWED
)


NO_MENTIONS: Final[Map[tuple[Collection, str], Map[str, Collection]]] = Map()


def advance_mentions(builder: ViewBuilder) -> None:
    """Store which items name which others."""
    with builder.view.mentions.mutate() as mentions:
        for name, attribute, target in MENTIONS:
            for old, new, *_ in builder.changes[name]:
                before = getattr(old.item, attribute) if old is not None else None
                after = getattr(new.item, attribute) if new is not None else None
                if before != after and before is not None and old is not None:
                    rest = mentions[target, before].delete(old.item.id)
                    if rest:
                        mentions[target, before] = rest
                    else:
                        del mentions[target, before]
                if before != after and after is not None and new is not None:
                    mentions[target, after] = mentions.get((target, after), Map()).set(new.item.id, name)
        builder.fields["mentions"] = mentions.finish() or NO_MENTIONS
