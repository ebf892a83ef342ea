"""Accounts whose bodies are out of memory.

evicted_view.py  the head of a view, which reads the rest at need
cut_order.py     the first keys of an order, and of the feed
known_ids.py     a small filter of ids
"""
