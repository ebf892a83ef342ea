"""Douyin (creator.douyin.com and www.douyin.com), observed in the account owner's own session.

adapter.py         the adapter: checks the login, logs in, observes one surface
login.py           the login by code, and whose login it is
visit.py           opens pages and reads the signs of being logged in or out
pages.py           the addresses of each surface
resident.py        the page that stays open where private messages arrive by themselves
im_listener.py     hears what that page loads and gets; im/ reads it (pure: protobuf)
traffic.py         lets others hear what a page asks for and gets
capture.py         captures the JSON answers that a page asks for by itself
fiber.py           reads the objects that a page keeps in memory behind its rows (fiber*.js)
scroll.py          pages a list to its end
surfaces/          one module per surface
reply/             types replies, and finds out what became of them
parse/             raw shapes to domain items (pure)
chat_assembler.py  messages and conversations to items, as soon as the other party is known
identity.py        who is who for one account
tape.py            what a recording keeps of the pages; replay.py reads it once more
state.py           what an adapter keeps between observations; config.py, pace.py: how it goes about it
"""

from crawler.platforms.douyin.adapter import Douyin

__all__ = ["Douyin"]
