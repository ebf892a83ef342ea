"""The card of an account beside its state: `failures.py`, why it cannot be read."""
