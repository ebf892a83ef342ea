"""The wiring of IM Hub: settings, the ASGI application, commands.

conf/      what settings are made of      edge/      what stands between the server and the application
launcher/  several processes under one parent (`manage.py demo`)
"""

__version__ = "0.1.0"
