"""This computer as one that reads accounts: paired once, checked in words, started again after a restart.

pairing.py    a code against a token, and where the token is kept
autostart.py  a Windows task, a launch agent, a systemd user unit
self_check.py what is missing, in words
machine.py    a name of the machine, which its workers share
"""
