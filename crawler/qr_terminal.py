"""A login code for the terminal: the PNG's modules as half blocks. Only what such a PNG needs of the format."""

import base64
import binascii
import struct
import zlib
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_MAX_PIXELS: Final = 4_000_000
_BLOCKS: Final = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
_FINDER: Final = 7

Modules = list[list[bool]]
"""True is dark."""


class NotReadable(ValueError):
    """Not a PNG data URI of a code that is understood here."""


def decode_data_uri(uri: str) -> bytes:
    """The PNG in `uri`. Raises NotReadable."""
    head, comma, body = uri.partition(",")
    if not comma or not head.startswith("data:image/png") or not head.endswith(";base64"):
        raise NotReadable("not a base64 PNG data URI")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise NotReadable("not base64") from error


def draw_qr(uri: str) -> str:
    """Lines of half blocks with a quiet zone, dark on light whatever the terminal's colours. Raises NotReadable."""
    try:
        modules = read_modules(decode_png(decode_data_uri(uri)))
    except (struct.error, zlib.error, IndexError, KeyError) as error:
        raise NotReadable("damaged") from error
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
    """The modules of the code in `pixels`: the finder in the upper left corner tells their size."""
    dark_rows = [y for y, row in enumerate(pixels) if any(row)]
    dark_columns = [x for x in range(len(pixels[0])) if any(row[x] for row in pixels)]
    if not dark_rows:
        raise NotReadable("an empty picture")
    top, left = dark_rows[0], dark_columns[0]
    size = max(dark_rows[-1] - top, dark_columns[-1] - left) + 1
    run = next((x for x in range(size) if not pixels[top][left + x]), size)
    count = round(size / (run / _FINDER))
    if count < 21 or (count - 17) % 4:
        raise NotReadable(f"{count} modules are no code")
    step = size / count
    return [
        [pixels[int(top + (y + 0.5) * step)][int(left + (x + 0.5) * step)] for x in range(count)] for y in range(count)
    ]


def decode_png(png: bytes) -> Modules:
    """Pixels of a PNG that is not interlaced, True where dark. Raises NotReadable."""
    if not png.startswith(_SIGNATURE):
        raise NotReadable("not a PNG")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    if interlaced or depth > 8 or (depth < 8 and colour not in (0, 3)) or width * height > _MAX_PIXELS:
        raise NotReadable("a PNG of another kind")
    palette, data = _read_chunks(png)
    channels = _CHANNELS[colour]
    stride = (width * channels * depth + 7) // 8
    raw = zlib.decompressobj().decompress(data, (stride + 1) * height)
    rows = _unfilter(raw, stride, height, max(1, channels * depth // 8))
    return [[_is_dark(row, x, depth, colour, palette) for x in range(width)] for row in rows]


def _read_chunks(png: bytes) -> tuple[bytes, bytes]:
    """(palette, compressed rows)."""
    palette, data, at = b"", [], len(_SIGNATURE)
    while at + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            data.append(body)
        at += length + 12
    return palette, b"".join(data)


def _unfilter(raw: bytes, stride: int, height: int, bpp: int) -> list[bytes]:
    rows: list[bytes] = []
    above = bytes(stride)
    for y in range(height):
        at = y * (stride + 1)
        row = bytearray(raw[at + 1 : at + 1 + stride])
        kind = raw[at]
        for x in range(stride if kind else 0):
            left = row[x - bpp] if x >= bpp else 0
            corner = above[x - bpp] if x >= bpp else 0
            row[x] = (row[x] + _predict(kind, left, above[x], corner)) & 0xFF
        above = bytes(row)
        rows.append(above)
    return rows


def _predict(kind: int, left: int, up: int, corner: int) -> int:
    """The PNG specification's filters 1 to 4."""
    if kind == 1:
        return left
    if kind == 2:
        return up
    if kind == 3:
        return (left + up) // 2
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda value: abs(guess - value))
    raise NotReadable("an unknown filter")


def _is_dark(row: bytes, x: int, depth: int, colour: int, palette: bytes) -> bool:
    if depth < 8:
        per_byte = 8 // depth
        value = row[x // per_byte] >> (8 - depth * (x % per_byte + 1)) & ((1 << depth) - 1)
        if colour == 3:
            return _luma(palette[value * 3 : value * 3 + 3]) < 128
        return value * 2 < (1 << depth) - 1 if depth > 1 else value == 0
    channels = _CHANNELS[colour]
    sample = row[x * channels : (x + 1) * channels]
    if colour in (4, 6) and sample[-1] < 128:
        return False
    if colour == 3:
        return _luma(palette[sample[0] * 3 : sample[0] * 3 + 3]) < 128
    return _luma(sample[:3] if colour in (2, 6) else sample[:1] * 3) < 128


def _luma(rgb: bytes) -> int:
    return (rgb[0] * 3 + rgb[1] * 6 + rgb[2]) // 10
