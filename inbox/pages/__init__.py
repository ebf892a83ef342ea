"""What the pages for people show, in words ready to be printed. Made of queries and shapes; templates decide nothing.

address.py   what an address of the inbox asks for
accounts.py  the cards of accounts: square, state, freshness
rows.py      the rows of the list
pane.py      one thread: a conversation, or a comment with its replies
inbox.py     the whole page
"""
