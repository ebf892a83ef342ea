"""Says what reading an account may mark at its platform: nothing, unless the owner wants what marks something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def list_marks(config: Mapping[str, Any], platform: str) -> list[str]:
    """Return a sentence for each mark that reading leaves, or one that says that it leaves none.

    `platform`: its name for people.
    """
    told = []
    if config.get("read_notices") is True:
        told.append(gettext("Notices that are read here count as read at %(platform)s too.") % {"platform": platform})
    if config.get("read_history") is True:
        words = gettext("For older messages conversations with nothing unread are opened at %(platform)s.")
        told.append(words % {"platform": platform})
    return told or [gettext("Reading marks nothing as read at %(platform)s.") % {"platform": platform}]
