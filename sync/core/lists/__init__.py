"""Lists: every list is chosen from an order of the view, from a key on.

    filters.py   the filters of rows
    found_items.py   the items in which a text stands; needle.py compares one text
    search.py    the rows of the inbox in which a text stands; kept_searches.py remembers them
    pages.py     pages of conversations, messages, works, comments, notices and the unified feed
    stretch.py   stretches of one order, read from any place in either direction
    inbox.py     pages of inbox rows, of several accounts in one order; row_filter.py says which pass
    works.py     works in the orders of their comments, and the comment threads of a work

    view + filter + ListWindow --> ListPage (rows, key to go on from)

Views are immutable, so a page is of one version of the account.
"""
