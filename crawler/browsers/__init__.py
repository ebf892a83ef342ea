"""Chromium, as the worker uses it.

browser.py          one Chromium per worker, started again after a crash
session.py          one isolated context per account, in memory only; it lends pages
chromium.py         chooses the Chromium to start, and its arguments
watchdog.py         kills the browsers of a worker that cannot stop them itself
system_browsers.py  lists the browsers of the system (standard library only, shared with bootstrap.py)
"""
