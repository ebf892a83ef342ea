"""Which worker has which account: what happens when a worker ends, and what keeps an account from two of them.

rules.py    which accounts go from a worker that is gone to which other one (pure)
moves.py    makes a move, in one transaction that finds out whether it still holds
fleet.py    looks every second, and has due moves made
"""
