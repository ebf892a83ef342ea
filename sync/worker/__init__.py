"""The workers' socket.

frame -> consumer -> connection -> receiver -> the Writer's queue
                         |
                         +-> leases: which accounts this connection was given
                         +-> presence: which workers are connected, and what they report

consumer.py            the handshake and the socket itself (shell)
frame_reader.py        frames to messages, large ones in a thread
connection.py          one worker's connection: frames in, answers out
refusal.py             a message that is not taken, and its ack
ports.py               what a connection needs of the hub
service.py             the hub's side: presence, logins, links, pairing, and the ports of a connection
leases.py              the accounts of one connection, and what changes in them
presence.py            the workers that are connected
receiver.py            snapshots, deltas and reports on their way to the Writer
receipts.py            counters and alarms of what came in
fetches.py             an account's data on its way to a worker, part by part
snapshot.py            an account as a worker gets it that holds nothing of it
tokens.py              new tokens of workers
session_encryption.py  browser sessions at rest
"""
