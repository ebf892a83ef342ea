"""The IM API over REST and the push socket: what programs use, answered from memory.

inline.py           GET and HEAD run on the event loop; what needs the database goes once more through a thread
urls.py             the addresses; route_table.py: every route of the contract, with its view
authentication.py   token or browser session -> Principal, from the access directory
access.py           users, tokens, grants: one immutable value in memory; models.py: their rows
views/              parse, one call, respond
params.py           query strings -> Structs; parsers.py: bodies -> Structs
queries/            choose, sort, page: the only door to `sync`
shapes/             the only place that knows clients' JSON keys
renderers.py        Structs -> JSON bytes
links.py            where the platform shows a person or a work
saved_replies.py    replies that people saved
event_loop.py       what takes long leaves the event loop
about.py            what the product says of itself
errors.py           the errors that views and queries raise; error_responses.py: every error -> one envelope
push/               `/ws/im/`: the socket that notifies clients
openapi/            the description of all this

request --inline--> authentication --Principal--> view --params--> query --rows--> shape --Struct--> JSON
"""
