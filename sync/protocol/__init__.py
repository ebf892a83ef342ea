"""The wire between a worker and the hub, and the items that travel on it. Pure: no Django, no asyncio.

    items.py           the five kinds of items of a snapshot, their types and references; wire keys are made here only
    item_changes.py    whether a new version of an item is a change
    ids.py             how the ids of items, accounts and workers are made and checked
    times.py           every spelling of a time -> int64 ms UTC, or None
    messages.py        one class per message, both directions
    frames.py          frame <-> message; every refusal has a code and says where and why
    snapshot_parts.py  a snapshot above the frame limit: split here, joined there
    intervals.py       how often a worker reads each surface
    confidential.py    whether nobody else can read a connection
    platforms/         a descriptor per platform: label, links, media hosts, emoji

    message --encode_frame--> text frame ==websocket==> text frame --decode_frame--> message

Both ends import this package and nothing else of each other.
"""
