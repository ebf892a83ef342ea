"""A login code in half blocks is the code that was in the picture."""

import base64
import io

import pytest
import segno
from PIL import Image

from crawler.qr_terminal import NotReadable, decode_data_uri, decode_png, draw_qr, read_modules

TEXT = "https://login.example/qr?token=0123456789"


def a_code() -> segno.QRCode:
    return segno.make(TEXT, error="m", micro=False)


def modules_of(code: segno.QRCode) -> list[list[bool]]:
    return [[bool(module) for module in row] for row in code.matrix]


@pytest.mark.parametrize("scale", [1, 3, 7])
@pytest.mark.parametrize("border", [0, 4])
@pytest.mark.parametrize(
    "look",
    [
        {},
        {"dark": "#123456", "light": "#fefefe"},
        {"dark": "black", "light": None},
        {"dark": "#000", "light": "#fff", "data_dark": "#300", "finder_dark": "#003", "quiet_zone": "#eee"},
    ],
)
def test_the_modules_of_every_usual_picture_are_read(scale: int, border: int, look: dict[str, str]) -> None:
    code = a_code()
    uri = code.png_data_uri(scale=scale, border=border, **look)
    assert read_modules(decode_png(decode_data_uri(uri))) == modules_of(code)


def test_the_drawing_holds_the_code_and_a_quiet_zone() -> None:
    code = a_code()
    rows = draw_qr(code.png_data_uri(scale=5)).splitlines()
    dark = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    drawn = [[dark[block][half] for block in row] for row in rows for half in (0, 1)]
    size = len(code.matrix)
    assert [row[2 : 2 + size] for row in drawn[2 : 2 + size]] == modules_of(code)
    assert not any(any(row) for row in drawn[:2])
    assert not any(row[0] or row[-1] for row in drawn)


def test_a_picture_without_palette_and_with_filters_is_read_too() -> None:
    import struct
    import zlib

    code = modules_of(a_code())
    width = len(code) * 4
    rows = [
        bytes(channel for x in range(width) for channel in [0 if row[x // 4] else 255] * 3)
        for row in code
        for _ in range(4)
    ]
    raw, above = bytearray(), bytes(width * 3)
    for y, row in enumerate(rows):
        kind = y % 3
        left = bytes(3) + row
        raw.append(kind)
        raw += bytes((v - (0, left[i], above[i])[kind]) & 0xFF for i, v in enumerate(row))
        above = row
    png = io.BytesIO(b"")
    png.write(b"\x89PNG\r\n\x1a\n")
    for name, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(raw))),
        (b"IEND", b""),
    ):
        png.write(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
    assert read_modules(decode_png(png.getvalue())) == code


@pytest.mark.parametrize(
    "uri",
    ["", "https://x/qr.png", "data:image/png;base64,???", "data:image/png;base64,AAAA", "data:image/gif;base64,AAAA",
     "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="],
)  # fmt: skip
def test_what_is_no_code_is_refused(uri: str) -> None:
    with pytest.raises(NotReadable):
        draw_qr(uri)


def a_png(size: tuple[int, int], dark: list[tuple[int, int]]) -> bytes:
    picture = Image.new("1", size, 1)
    for place in dark:
        picture.putpixel(place, 0)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_picture_whose_corner_holds_no_finder_is_no_code() -> None:
    uri = "data:image/png;base64," + base64.b64encode(a_png((30, 30), [(20, 2), (2, 20)])).decode()
    with pytest.raises(NotReadable):
        draw_qr(uri)


def test_a_picture_that_is_higher_than_wide_and_dark_to_its_edge_is_no_code() -> None:
    dark = [(x, y) for x in range(10) for y in range(50)]
    uri = "data:image/png;base64," + base64.b64encode(a_png((10, 50), dark)).decode()
    with pytest.raises(NotReadable):
        draw_qr(uri)


def test_a_picture_too_large_for_a_code_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(NotReadable, match="too large"):
        decode_png(a_png((4_000, 1_001), []))


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(NotReadable, match="damaged"):
        decode_png(a_png((40, 40), [(3, 3)])[:-30])
