"""The API's own description, OpenAPI 3.1: generated, complete, and true.

describe.py    what one route declares: an `Operation` with its query string, body and answer
routes/        the declarations, a module per resource; keys are `METHOD path` as in im_api/route_table.py
examples.py    one example per kind of item
parameters.py  query strings -> parameters
components.py  Structs -> JSON schemas; the headers, errors and credentials that all routes share
generate.py    declaration + view -> operation, and the whole document
push_client.py a client of the push socket, shown to whoever writes one
views.py       /api/schema/ and /api/docs/, from memory

To add a route: a handler in im_api/views/, a line in ROUTES of im_api/route_table.py, its declaration in routes/, and a
Struct in im_api/shapes/query_strings.py if it has a query string of its own, which both name. What
follows from the view is not declared: who may ask, and the errors that all routes have.
"""
