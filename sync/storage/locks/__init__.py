"""One hub for each data directory and each database.

hub_locks.py       both locks of a hub
directory_lock.py  the lock of the data directory
database_lock.py   the lock of the database
chores_lease.py    which of the hubs that share one does what one alone must do
"""
