"""One module for each part. `run(place, sizes)` measures in the empty folder `place` and returns what it found.

http.py     answers a second, beside a plain ASGI callable, the ORM with stock DRF, and Redis
store.py    the store in process
ingest.py   snapshots of workers, until they are durable and readable
push.py     from a worker's frame to the event at a client
memory.py   memory of accounts, beside their JSON
eviction.py  many accounts where memory is limited
start.py    how long a start takes
growth.py   a sync and a read as accounts and messages grow
search.py   a text in the rows of a large account
inbox.py    the pages in a real browser
hubs.py     two hub processes against one
attacks.py  what strangers do to a hub, and what the others notice of it
"""
