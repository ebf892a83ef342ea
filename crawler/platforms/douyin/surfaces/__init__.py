"""Observes one surface per module: opens its page, waits for what it answers, says how much of it was read.

profile.py    the owner's card                works.py     the list of works, united with the picker's
messages.py   where messages are heard        comments.py  comments and replies, work by work
notices.py    notices behind the bell
chat_list.py                                   part of messages.py: the list in the page's memory
picker.py, gathered_works.py, work_comments.py parts of works.py and comments.py
"""
