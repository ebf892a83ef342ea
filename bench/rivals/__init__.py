"""What the product is compared with.

plain.py         an ASGI callable that sends bytes it was given, under the product's own server
orm/             the same endpoints as an ordinary person would write them: stock DRF, the ORM, SQLite
redis_server.py  a private Redis that holds the same bytes
"""
