"""The world as the platform sends it: JSON, and protobuf for private messages. Pure.

Strings and numbers are mixed as the platform mixes them.

common.py    envelope, addresses, pages and people      works.py     A, B, L
comments.py  C, D, E, M                                 notices.py   K
im.py        private messages, and their people         protobuf.py  the encoding, by hand
"""
