"""Replies that people write here and a worker sends: their states, the evidence, the pace. Pure, and below `account`.

reply.py         a reply, and the states that it can have
held.py          what a view holds of them
steps.py         what can happen to a reply, and the state that it leads to
evidence.py      which message on the platform is which reply
budget.py        when the next one may go

held -> queued -> typing -> pressing -> sent | refused | unknown | failed; `cancelled` from held and queued
"""
