"""The account at one version: its items, marks, orders and what follows from them. Everything here is immutable.

    view.py                the account at one version, with every index; `Totals`, its counters
    entries.py             an item with what the hub knows of it; the worker's report on the account
    marks.py               what operators said of items and people, kept beside the items
    order.py               a persistent sorted sequence: every list is read from one; the feed is merged of three
    history.py             the order of items in time, and where the history of an account ends
    reference_lookup.py    the item that a reference names
    item_change.py         an item before and after a step, the unit that all indexes are advanced by

    conversations.py       the state of one conversation, as its messages and marks make it
    read_positions.py      where a read marker stands among messages, and what is after it
    message_visibility.py  which messages are visible and unread
    waiting.py             whether somebody waits for an answer
    comment_threads.py     a top-level comment with its replies; the comments of one work
    notice_groups.py       notices of one type and one day
    people.py              one person under two ids
    inbox_rows.py          a row of the inbox: a conversation, a comment thread, a notice group
    account_state.py       one state of an account for people, out of three reports

The packages `change` and `lists` build on this one; it knows neither of them.
"""
