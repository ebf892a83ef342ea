"""Lists in attributes of the page, for scripts."""

from collections.abc import Sequence

import msgspec


def to_json(ids: Sequence[str]) -> str:
    """Empty for none. Ids may hold whatever a platform puts into them, spaces too."""
    return msgspec.json.encode(ids).decode() if ids else ""
