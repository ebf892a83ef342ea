"""The hub: what it accepts from workers, makes durable, remembers and publishes.

A worker's snapshot:
    worker/consumer -> worker/connection -> worker/receiver -> writing/writer
    -> core/change (validate, apply) -> storage/change_log (one transaction) -> store -> the ack

A person's change:
    im_api.queries -> hub.write -> writing/writer -> the same way -> the answer

A start:
    storage/change_log (checkpoint + later changes) -> store

The rooms:
    protocol/     the wire and its items; pure, shared with the crawler
    core/         what an account is, what happens to it, how it is read; pure
    writing/      the one writer, its jobs and batches
    storage/      the change log and all else that is kept in the database or in files
    worker/       the workers' socket, from the handshake to the receiver
    admin/        the owner's pages
    models.py     the tables; sealing.py: secrets in them
    signals.py    every saved account or worker raises the directory's generation
    directory.py  accounts and workers in memory
    store.py      the current view of every account
    hub_hold.py   the hub's hold on its data directory and its database
    hub_loop.py   the hub's event loop, for other threads
    hub.py        wires all of it and keeps it running
"""
