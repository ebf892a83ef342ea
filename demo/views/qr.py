"""Draws QR codes."""

import segno


def make_qr(text: str) -> str:
    """Return the code of `text` as a PNG data URI."""
    return str(segno.make(text, error="m", micro=False).png_data_uri(scale=6, border=3))
