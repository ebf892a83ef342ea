"""The pure core: what an account is, what a change does to it, and how it is read. No clock, no I/O, no framework.

    closing_words.py  which words end a talk and ask for nothing
    maps.py           immutable maps: few entries are a dict, more a trie
    pace.py           long work lets others pass
    read_items.py     items that come again as they were are not read again
    rules.py          the rules of who waits that are the owner's
    replies/  replies that are sent for people: states, evidence, pace
    account/  what an account is at one version: `View`, entries, marks, orders, conversations, comment threads, rows
    change/   what happens to it: a snapshot is validated, a change applied, a delta leads to the next view
    stored/   what lies on disk of it: a delta, or the whole view, as bytes
    lists/    how it is read: filters, pages, the inbox, works
    heads/    what stays of it in memory while nobody uses it

    wire snapshot --validate--> change --apply--> delta --advance--> view'     replay: delta --advance--> view'

`change` and `lists` know `account` and not each other.
"""
