"""Draws a login code in a terminal: the modules of its PNG as half blocks."""

import base64
import binascii
import io
from typing import Final

from PIL import Image

_MAX_PIXELS: Final = 4_000_000
_DARK_BELOW: Final = 128
_BLOCKS: Final = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
_FINDER: Final = 7

Modules = list[list[bool]]
"""Rows of pixels or of modules. True is dark."""


class NotReadable(ValueError):
    """The text is not a PNG data URI of a code that is understood here."""


def decode_data_uri(uri: str) -> bytes:
    """Return the PNG in `uri`. Raises NotReadable."""
    head, comma, body = uri.partition(",")
    if not comma or not head.startswith("data:image/png") or not head.endswith(";base64"):
        raise NotReadable("not a base64 PNG data URI")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise NotReadable("not base64") from error


def draw_qr(uri: str) -> str:
    """Return the code as lines of half blocks with a quiet zone, dark on light whatever the terminal's colours.

    Raises NotReadable.
    """
    modules = read_modules(decode_png(decode_data_uri(uri)))
    width = len(modules[0]) + 4
    empty = [False] * width
    rows = [empty, empty, *([False, False, *row, False, False] for row in modules), empty, empty]
    if len(rows) % 2:
        rows.append(empty)
    return "\n".join(
        "".join(_BLOCKS[above, below] for above, below in zip(rows[y], rows[y + 1], strict=True))
        for y in range(0, len(rows), 2)
    )


def read_modules(pixels: Modules) -> Modules:
    """Return the modules of the code in `pixels`. The finder in the upper left corner gives their size.

    Raises NotReadable.
    """
    dark_rows = [y for y, row in enumerate(pixels) if any(row)]
    dark_columns = [x for x in range(len(pixels[0])) if any(row[x] for row in pixels)]
    if not dark_rows:
        raise NotReadable("an empty picture")
    top, left = dark_rows[0], dark_columns[0]
    size = max(dark_rows[-1] - top, dark_columns[-1] - left) + 1
    run = next((x for x, is_dark in enumerate(pixels[top][left:]) if not is_dark), size)
    count = round(size / (run / _FINDER)) if run else 0
    if count < 21 or (count - 17) % 4:
        raise NotReadable(f"{count} modules are no code")
    step = size / count
    try:
        return [
            [pixels[int(top + (y + 0.5) * step)][int(left + (x + 0.5) * step)] for x in range(count)]
            for y in range(count)
        ]
    except IndexError as error:
        raise NotReadable("not square") from error


def decode_png(png: bytes) -> Modules:
    """Return the pixels of `png`, True where dark. What is transparent counts as light. Raises NotReadable."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            width, height = picture.size
            if width * height > _MAX_PIXELS:
                raise NotReadable("too large")
            drawn = picture.convert("RGBA")
    except NotReadable:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotReadable("not a PNG, or a damaged one") from error
    page = Image.new("RGBA", drawn.size, "white")
    light = Image.alpha_composite(page, drawn).convert("L").tobytes()
    return [[value < _DARK_BELOW for value in light[y * width : (y + 1) * width]] for y in range(height)]
