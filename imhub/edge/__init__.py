"""The parts between the ASGI server and the application.

startup_gate.py      keeps requests waiting until the hub is loaded; starts and stops the hub
limits.py            refuses large bodies, and websockets under unknown host names
close_codes.py       close codes that every server can send
connections.py       ends connections whose peer says too much, only half of it, or takes nothing
kept_files.py        the files of the pages, from memory
known_answers.py     kept answers to reads, which the server writes without asking the application
event_writes.py      frames that are written at once, encoded once for all sockets
door.py              counts the connections, in all and of one address
lanes.py             how many of one kind run at once, and what an address may fail
threads.py           requests that need a thread, each kind in a lane of its own
handshakes.py        websockets whose credential memory does not know
failed_logins.py     wrong passwords from one address
client_address.py    the address that a request comes from, or none
request_counts.py    counts requests and their times, by route
metrics.py           what the edge holds and turns away, for /metrics
request_ids.py       an id for each server error, in the answer and in the log
browser_sessions.py  Django's sessions, stored under the hash of their key
"""
