"""Logging an account in: `logins.py`, by whoever acts for it; `links.py`, by whoever holds the phone."""
