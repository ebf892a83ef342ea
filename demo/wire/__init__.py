"""The world in the platform's own JSON. Pure. Strings and numbers are mixed as the platform mixes them.

common.py    envelope, addresses, pages and people      works.py    A, B, L
comments.py  C, D, E, M                                 im.py       F, G, H, I
notices.py   K
"""
