"""Changes of an account: (view, change, now) -> the next view, a row of the change log, warnings.

    snapshot_validation.py   wire -> change: decides which items of a snapshot are accepted
    changes.py               the changes that an account takes
    apply.py                 decides what a change does; the way in for everybody else
    references.py            the item that a reference names while a change is under way, and what must be redirected
    reconcile.py             brings marks and operator-created conversations in line with a new snapshot
    operator_changes.py      what an operator's change does: mostly marks
    replies/                 what becomes of replies that people write
    read_before.py           everything up to a time is read
    mark_editor.py           the marks that one change sets

    delta.py                 what a change did, resolved: the body of a row of the change log
    advance.py               view + delta -> the next view; all indexes follow, by way of
      view_builder.py, advance_conversations.py, rebuild_conversation.py, advance_comments.py
    events.py                the events that clients are notified of
    interning.py             the same text once in memory

    change --apply--> delta --advance--> view'        replay: delta --advance--> view'

Nothing here reads a clock or the database: the caller passes `now` and stores the row.
"""
