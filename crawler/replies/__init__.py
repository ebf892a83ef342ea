"""Replies that people wrote at the hub, sent by this worker.

    desk.py      takes requests, gets the permission to press, one reply of an account at a time
    journal.py   keeps what was asked for and how it ended, over restarts, until the hub has it
    results.py   brings results to the hub
    outcomes.py  what an error means: was anything pressed?

How a reply is typed is the platform's (`crawler/platforms/<name>/reply/`). Here it is decided who may press, and what
may be said of the end: `failed` only where nothing was pressed, `sent` only with evidence, anything else `unknown`.
"""
