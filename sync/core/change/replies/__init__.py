"""Changes of replies: they are written, moved on, and confirmed by what a snapshot shows.

reply_changes.py  what a change of a reply does, which items settle replies, who answered meanwhile
"""
