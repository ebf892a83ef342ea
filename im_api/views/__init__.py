"""One module per resource of the API. A view parses, makes one call of `queries`, and responds in a shape.

base.py     what all views do: the principal, the envelope, ETag and 304, the version that a client waits for
items.py    what all items have: read one, and the actions on it
general.py  health, version, status, unknown addresses; metrics.py: /metrics
"""
