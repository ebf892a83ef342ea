"""Everything that survives a crash, and how it is read again.

writer -> change_log -> the tables Change, Checkpoint and StoredMark
       -> watermark -> hub.watermark, the number of acknowledged changes beside SQLite
       -> observations -> the table Observation
start  -> hub_locks -> integrity -> change_log -> views

records.py         the values that the storage takes beside a change
change_log.py      reads and appends the change log, writes checkpoints
replay.py          events that a client missed
retention.py       deletes old history
observations.py    what the workers observed, and how fresh each surface is
integrity.py       decides at a start whether the database can be trusted
watermark.py       finds out that acknowledged changes are gone
sql/               what goes to the database below the ORM
locks/             one hub for each data directory and each database
export_file.py     the format of an export
transfer.py        exports and imports
private_file.py    files for this user only
database.py        database work of the event loop
errors.py          why the stored data cannot be used
"""
