"""`/ws/im/`: clients are told of every change as it happens, and of those they missed.

consumer.py     the socket, a shell: credentials, then feed and drain a ClientConnection
credentials.py  who speaks on a socket, asked again whenever that may have changed
connection.py   what a client says on one connection and what it is told
feed.py         all connections: each change is rendered once and handed to those who may see it
outbox.py       what waits for one socket; bounded
frames.py       the words of the protocol
render.py       an event as the item that it is about, now
"""
