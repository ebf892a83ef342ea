"""The platforms' codes for faces and things, as characters: [微笑] becomes 🙂."""

from __future__ import annotations

import re
from typing import Final

from sync.protocol.platforms import PLATFORMS

_CODE: Final = re.compile(r"\[(\w{1,4})\]")


def with_emoji(text: str, platform: str) -> str:
    """Return `text` with the codes of `platform` replaced. A code that is not known stays as it is."""
    known = PLATFORMS[platform].emoji if platform in PLATFORMS else {}
    return _CODE.sub(lambda code: known.get(code[1], code[0]), text)
