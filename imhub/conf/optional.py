"""Keeps libraries from loading others that happen to be installed, for what the hub has no use for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Let `names` look as if they were not installed, but for those that are loaded already."""
    modules = cast("dict[str, Any]", sys.modules)
    absent = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del modules[name]
