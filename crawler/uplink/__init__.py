"""The worker's connection to the hub, and what is on its way there.

uplink.py       connects for ever, registers on every connect, hands orders of the hub on
connection.py   one websocket connection: frames out and in, each answer to its request
data_pusher.py  sends snapshots until they are acknowledged, one unanswered per account
lane.py         what is on its way for one account, and the messages for it: in full or as a delta (pure)
delta.py        what the hub acknowledged, and what differs from that in the next snapshot (pure)
snapshot.py     a snapshot, and how an unacknowledged one goes into the next (pure)
backoff.py      waits with jitter between attempts

AccountSnapshot -> DataPusher -> Uplink -> Connection ==websocket==> hub
"""
