"""What a change does to an account. Pure: no clock, no I/O, no framework.

order.py     a persistent sorted sequence: what every list is read from
view.py      an account at one version: immutable, fully indexed, sharing structure with its neighbours
changes.py   what may be asked of an account
delta.py     what a change did, resolved: the body of a row of the change log
marks.py     what operators said of items; kept beside them

believe.py   wire -> change: what of a snapshot is validated
references.py  which item a reference names, and what must move when it comes
apply.py     (view, change, now) -> (view', row, warnings)
equality.py  when a new version of an item is news
operate.py   what an operator's word does: mostly marks
upkeep.py    what a snapshot does to operators' facts

advance.py   (view, delta) -> view', every index with it, by way of
  builder.py, advance_threads.py, advance_comments.py
  threads.py, rebuild.py, visible.py   one conversation: visible, unread, last message, needs reply
  lines.py     where a mark of how far somebody read stands among items
  comments.py  the same for comments and works
events.py    what clients are told of a step from view to view'
filters.py, lists.py  which rows a list is made of, and its pages

change --apply--> delta --advance--> view'        replay: delta --advance--> view'
"""
