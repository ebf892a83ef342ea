"""Decides when somebody is told what: pure, without clock, database or framework.

`decide.py` is the rule, `hours.py` the times of day, `choices.py` what the owner chooses, `retry.py` when a failed
delivery is tried again.
"""
