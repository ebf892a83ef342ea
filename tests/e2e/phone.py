"""A phone before a screen: it reads the login code that the screen shows, from its pixels."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Final

import segno
import segno.consts
import segno.encoder
from PIL import Image

_DARK_BELOW: Final = 128
_FINDER: Final = 7
Modules = list[list[bool]]
Mask = Callable[[int, int], bool]
consts: Any = segno.consts
encoder: Any = segno.encoder
_LEVELS: Final = {
    "l": consts.ERROR_LEVEL_L,
    "m": consts.ERROR_LEVEL_M,
    "q": consts.ERROR_LEVEL_Q,
    "h": consts.ERROR_LEVEL_H,
}


def read_code(picture: bytes) -> str:
    """Return the text of the code in a picture (PNG) of nothing else. Raises ValueError if there is none."""
    modules = _sample(Image.open(io.BytesIO(picture)).convert("L"))
    masks = enumerate(encoder.get_data_mask_functions(is_micro=False))
    for (number, mask), (level, words) in product(masks, _LEVELS.items()):
        try:
            text = _read_text(modules, mask, words)
            again = segno.make(text, error=level, mask=number, micro=False, boost_error=False)
        except (ValueError, IndexError, StopIteration):
            continue
        if [[bool(dark) for dark in row] for row in again.matrix] == modules:
            return text
    raise ValueError("no code is to be read here")


def _sample(image: Image.Image) -> Modules:
    """Return the modules: the finder in the upper left corner gives their size."""
    dark = image.point(lambda level: 255 if level < _DARK_BELOW else 0)
    box = dark.getbbox()
    if box is None:
        raise ValueError("an empty picture")
    left, top, right, _ = box
    run = next((x for x in range(left, right) if not dark.getpixel((x, top + 1))), left) - left
    count = 17 + 4 * round(((right - left) * _FINDER / run - 17) / 4) if run else 0
    if count not in range(21, 178):
        raise ValueError("no finder in the upper left corner")
    size = (right - left) / count
    at = [(place + 0.5) * size for place in range(count)]
    return [[bool(dark.getpixel((int(left + x), int(top + y)))) for x in at] for y in at]


def _read_text(modules: Modules, mask: Mask, level: int) -> str:
    version = (len(modules) - 17) // 4
    bits = list(_read_bits(modules, version, mask))
    words = [int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits) - 7, 8)]
    data = _join_blocks(words, version, level)
    stream = "".join(f"{word:08b}" for word in data)
    length_bits = 8 if version < 10 else 16
    if stream[:4] != "0100":
        raise ValueError("not a text of bytes")
    length = int(stream[4 : 4 + length_bits], 2)
    start = 4 + length_bits
    return bytes(int(stream[start + 8 * at : start + 8 * at + 8], 2) for at in range(length)).decode()


def _read_bits(modules: Modules, version: int, mask: Mask) -> Iterator[int]:
    """Yield the bits in the order in which they stand, without their mask."""
    count = len(modules)
    blank = encoder.make_matrix(count, count)
    encoder.add_finder_patterns(blank, count, count)
    encoder.add_alignment_patterns(blank, count, count)
    upwards, column = True, count - 1
    while column > 0:
        column -= column == 6
        for step in range(count):
            row = count - 1 - step if upwards else step
            for x in (column, column - 1):
                if blank[row][x] == 2:
                    yield int(modules[row][x] ^ mask(row, x))
        upwards, column = not upwards, column - 2


def _join_blocks(words: list[int], version: int, level: int) -> list[int]:
    """Return the data: its blocks are interleaved, and what repairs them follows."""
    sizes = [info.num_data for info in consts.ECC[version][level] for _ in range(info.num_blocks)]
    blocks: list[list[int]] = [[] for _ in sizes]
    place = iter(words)
    for at in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if at < size:
                block.append(next(place))
    return [word for block in blocks for word in block]
