"""`/ws/im/`: clients are notified of every change as it happens, and of those that they missed.

consumer.py     the socket, a shell: credentials, then feed and drain a ClientConnection
credentials.py  the user behind a socket, asked again whenever that may have changed
connection.py   what a client says on one connection, and the frames that it gets
ports.py        what a connection needs of others, so that it is tested alone; lookup.py: the hub's side of it
feed.py         all connections: each batch is rendered once and handed to those who may see it
frames.py       the words of the protocol
render.py       an event as the item that it is about, now
"""
