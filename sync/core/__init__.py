"""What a change does to an account. Pure: no clock, no I/O, no framework.

order.py     a persistent sorted sequence: what every list is read from
view.py      an account at one version: immutable, fully indexed, sharing structure with its neighbours
changes.py   what may be asked of an account
delta.py     what a change did, resolved: the body of a row of the change log
believe.py   wire -> change: what of a snapshot is believed
references.py  which item a reference names, and what must move when it comes
apply.py     (view, change, now) -> (view', row, warnings)
advance.py   (view, delta) -> view', every index with it
events.py    what clients are told of a step from view to view'
equality.py  when a new version of an item is news
threads.py   what follows from the messages of a conversation: unread, last message, needs reply
comments.py  the same for the comments of a work

change --apply--> delta --advance--> view'        replay: delta --advance--> view'
"""
