"""The line of a row in which a searched text stands, cut so that the text is in sight."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext

from im_api.queries.threads import Found, SearchHit, find_in
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import shorten

BEFORE: Final = 16
AFTER: Final = 120


def find_line(hit: SearchHit | None, q: str, platform: str) -> Found | None:
    """Return the words around `q`, or None if the row's own name or title holds it."""
    if hit is None or hit.text is None:
        return None
    found = find_in(formatting.one_line(hit.text), q)
    if found is None:
        return None
    before = found.before if len(found.before) <= BEFORE else "…" + found.before[-BEFORE:]
    if hit.is_own:
        before = gettext("Me: %(text)s") % {"text": before}
    elif hit.collection == "people":
        before = gettext("Note: %(text)s") % {"text": before}
    return Found(with_emoji(before, platform), found.hit, with_emoji(shorten(found.after, AFTER), platform))
