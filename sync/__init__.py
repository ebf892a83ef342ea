"""What the hub accepts and remembers.

consumer.py   the worker socket (shell)          protocol/   the wire and its items (pure, shared with the crawler)
session.py    one worker's connection            core/       what a change does to an account (pure)
receiver.py   snapshots on their way             models.py   accounts, workers, change log, observations
writer.py     the one writer                     directory.py  accounts and workers in memory
log.py        the change log                     hub.py      the running hub: all of it wired and kept alive
store.py      the views of all accounts

frame -> session -> receiver -> writer -> (validate -> apply) -> change log -> store -> ack
                                                                    |
                              start: checkpoint + later changes -> store
"""
