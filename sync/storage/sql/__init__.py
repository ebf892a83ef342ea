"""Statements and upkeep that go to the database without the ORM.

statements.py  the statements of every commit
wal.py         moves SQLite's write-ahead log into the database file
"""
