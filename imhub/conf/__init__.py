"""The parts of the settings.

environment.py       readers of the environment; a bad value ends the start with its name
keys.py              the two keys of an installation, generated at the first start
public_url.py        what follows from the address that people's browsers see
logs.py              one plain log line per event, to stderr
optional.py          libraries that another one need not load
security_headers.py  the Content-Security-Policy and addresses that lead nowhere
admin_language.py    the admin in the language of its user
checks.py            Django system checks for what would otherwise fail in silence
"""
