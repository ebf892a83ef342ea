"""Structs of finished words for the templates, made of queries and shapes. Templates decide nothing.

rail.py           the accounts beside every page; banner.py: the one line above it
account_cards.py  an account as people tell it apart; account_state.py: how it is, in one sentence
account_forms.py  the owner's forms
address.py        what an address asks for; list_filters.py: tabs, orders, filters and chips of a list
inbox_page.py     the inbox; inbox_rows.py: its rows
open_thread.py    the conversation or comment thread beside it; messages.py, comments.py: its parts
person_panel.py   the person, the note and the saved replies beside an open thread
works_list.py     comments by work; open_work.py: a work with its comment threads
pictures.py       which pictures a browser loads; json_attributes.py: lists in attributes of the page
"""
