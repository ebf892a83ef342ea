"""HTTP and WebSocket: find out who asks, one call, respond.

visitor.py   the visitor, and the endpoints of members     html.py     pages from templates
creator.py   the creator centre                            www.py      www
im.py        the IM host and the socket                    media.py    pictures
phone.py     the phone that scans codes                    control.py  the control room
qr.py        draws the codes                                request_log.py  what was asked for
"""
