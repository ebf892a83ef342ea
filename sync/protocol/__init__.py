"""The wire between a worker and the hub, and the items that travel on it. Pure: no Django, no asyncio.

    items.py     the five kinds of items of a snapshot (domain names here, wire keys there)
    messages.py  one class per message, both directions
    frames.py    frame <-> message; every refusal has a code and says where and why
    parts.py     a snapshot above the frame limit: split here, put together there
    ids.py       how the ids of items are made
    times.py     every spelling of a time -> int64 ms UTC, or None
    item_changes.py  whether a new version of an item is a change; confidential.py: who can read a connection

    message --encode_frame--> text frame ==websocket==> text frame --decode_frame--> message

Both ends import this package and nothing else of each other.
"""
