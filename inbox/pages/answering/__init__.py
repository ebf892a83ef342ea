"""Answering from the pages: the field to write in (composer.py), the replies on their way (replies.py)."""
