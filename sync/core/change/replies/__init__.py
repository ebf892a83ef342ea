"""What becomes of replies: written, moved on, confirmed by what a snapshot shows.

reply_changes.py  what a change of a reply does, which items settle replies, who answered meanwhile
"""
