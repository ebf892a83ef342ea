"""A login in words: `dialog.py`, for whoever acts for the account and for whoever holds the phone."""
