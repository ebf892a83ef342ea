"""Sends what leaves the hub by itself: alerts for people, webhooks for programs, notices for phones, a sign of life.

core/            when somebody is told what: pure
facts.py         what is true now, from the hub's memory
words.py         messages in the language of who gets them
models.py        choices, addresses (sealed), what was told, what waits to be delivered
book.py          reads and writes these tables
owner.py         what the owner sets, and sees of it
follow.py        the events that webhooks wait for, from the change log
sending/         one delivery to one address, in a thread of its own
courier.py       delivers what waits, in order, until it is taken or nobody wants it any more
service.py       the task of the hub that does all of this
devices.py       the browsers that want alerts; vapid.py: the key that says to push services who we are

One hub decides who is told: of several on one database the one that holds the lease of chores. What it read is compared
once more when it stores its messages, so that a hub that lost the lease meanwhile tells nothing twice.
"""
