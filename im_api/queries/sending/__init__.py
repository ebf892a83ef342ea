"""Replies that people write here and a worker sends: written and taken back by writing.py, found by reading.py.

saved_transfer.py carries the words that people saved for it in an export.
"""
