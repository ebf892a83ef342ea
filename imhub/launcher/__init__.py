"""Several processes under one parent.

command_line.py      runs `manage.py`'s commands, quickly started
processes.py         starts children, waits for them, ends them in order; ports
ends_with_parent.py  runs a script that ends when its parent does
arrivals.py          looks whether accounts of a hub have been read once
demo.py              `manage.py demo`: the demo platform, the hub and one worker
"""
