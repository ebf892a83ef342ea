"""QR codes as PNG data URIs."""

import segno


def make_qr(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).png_data_uri(scale=6, border=3))
