"""The card of an account beside its state.

failures.py       why it cannot be read
coverage_bars.py  its last 24 hours: what was read, the gaps, and why
"""
