"""Reads of the API on the event loop: Django's chain without threads, and the memo of its answers in front of it.

reads.py     the ASGI application
plain.py     the view alone, without Django's chain
handler.py   Django's own synchronous chain
question.py  who asks for what: the key of the memo
memo.py      answers that still stand, bounded in bytes
answer.py    an answer as it is sent
"""

from im_api.inline.answer import Recalled
from im_api.inline.memo import Memo, MemoCounts, get_shared_memo
from im_api.inline.question import Asked
from im_api.inline.reads import App, InlineReads

__all__ = ["App", "Asked", "InlineReads", "Memo", "MemoCounts", "Recalled", "get_shared_memo"]
