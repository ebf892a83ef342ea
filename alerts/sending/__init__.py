"""One delivery to one address. All of it waits for others, so it runs in threads of its own.

people.py    messengers, by a library that speaks them all
program.py   our own signed webhook, and a sign of life
device.py    Web Push
daemon.py    the threads
failed.py    why it could not be delivered
"""
