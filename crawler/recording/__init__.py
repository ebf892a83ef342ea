"""Keeps what pages loaded, without whose it was, so that a change of a platform can be shown without showing customers.

replacing.py  other names, texts, ids and tokens in place of those there are, always the same for the same (pure)
recorder.py   one file per account, a line for each thing that a page loaded

What is kept, and how it is read again, is the platform's: crawler/platforms/<name>/tape.py and replay.py.
"""
