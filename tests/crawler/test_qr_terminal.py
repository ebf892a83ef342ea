"""A login code in half blocks is the code that was in the picture."""

import io

import pytest
import segno

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
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(raw))),
        (b"IEND", b""),
    ):
        png.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    assert read_modules(decode_png(png.getvalue())) == code


@pytest.mark.parametrize(
    "uri",
    ["", "https://x/qr.png", "data:image/png;base64,???", "data:image/png;base64,AAAA", "data:image/gif;base64,AAAA",
     "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="],
)  # fmt: skip
def test_what_is_no_code_is_refused(uri: str) -> None:
    with pytest.raises(NotReadable):
        draw_qr(uri)
