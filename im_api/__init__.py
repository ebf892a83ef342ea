"""What clients see: the IM API over REST, answered from memory.

inline.py          GET and HEAD run on the event loop; what needs the database goes once more through a thread
urls.py            every route of the contract
authentication.py  token or browser session -> Principal, from the access directory
access.py          users, tokens, grants: one immutable value in memory; models.py: their rows
views/             parse, one call, respond
params.py          query parameters -> typed values
queries/           choose, sort, page: the only door to `sync`
shapes/            the only place that knows clients' JSON keys
renderers.py       Structs -> JSON bytes
errors.py          every error -> one envelope

request --inline--> authentication --Principal--> view --params--> query --rows--> shape --Struct--> JSON
"""
