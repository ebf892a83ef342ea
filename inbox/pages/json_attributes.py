"""Lists in attributes of the page, for scripts."""

from collections.abc import Sequence

import msgspec


def to_json(values: Sequence[object]) -> str:
    """Return the list as JSON, empty for none. Ids may hold whatever a platform puts into them, spaces too."""
    return msgspec.json.encode(values).decode() if values else ""
