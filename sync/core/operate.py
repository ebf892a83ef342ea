"""What an operator's word does to an account."""

from __future__ import annotations

from sync.core.changes import OperatorChange
from sync.core.delta import Delta
from sync.core.view import View


def operate(view: View, change: OperatorChange, now: int) -> Delta:
    """Empty when it changes nothing. `now`: ms UTC."""
    raise NotImplementedError
