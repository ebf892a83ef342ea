"""Maps Douyin's raw shapes to domain items. Pure: no page, no clock, no state.

fields.py    readers of single values: the value in our type, or None
batch.py     a list of raw items, and how well they had the shape we know
chat.py, comments.py, notices.py, profile.py, users.py, works.py   one kind of thing each
"""
