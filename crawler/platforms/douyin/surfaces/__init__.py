"""Observes one surface per module: opens its page, waits for what it answers, says how much of it was read.

profile.py    the owner's card                works.py     the list of works, united with the picker's
messages.py   conversations and messages      comments.py  comments and replies, work by work
notices.py    notices behind the bell
chat_list.py, chat_room.py                     parts of messages.py
picker.py, gathered_works.py, work_comments.py parts of works.py and comments.py
"""
