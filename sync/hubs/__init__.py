"""Several hubs on one database: PostgreSQL orders what they write, Redis wakes them.

wake_ups.py     says on Redis which accounts moved on, and hears it from others
other_hubs.py   finds what others wrote, also without Redis, and has the writer take it in
fact_board.py   what hubs tell each other for a short while, sealed in the database
shared_life.py  which workers, logins, codes and looks they tell each other of
"""
