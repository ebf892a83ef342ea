"""The same endpoints as one would write them without thinking of speed: stock Django, stock DRF, the ORM on SQLite.

Unread counts and who waits are columns here, where the product computes them, and nobody is granted anything: it does
less than the product does.
"""
