"""The demo platform: a local stand-in for the pages and answers of Douyin, crawled by the very same adapter.

    scenarios.py, generator.py, texts.py    make a world from a seed              (pure)
    world.py, ids.py                        hold what is true                     (pure)
    waiting.py, showcase.py                 who waits, and a world that is looked after   (pure)
    events.py, fans.py                      change the world                      (pure, one loop)
    wire/                                   the world as the platform sends it    (pure)
    login.py, switches.py, site.py          sessions, faults, and one running site
    state.py                                the world on disk
    options.py, server.py, __main__.py      start the site as a process
    app.py, views/                          HTTP and WebSocket
    pages/, static/                         the browser's side

    browser --GET page, fetch, POST, WebSocket--> views --read--> wire <-- world <-- events <-- fans, phone, control

One process plays three origins, as path prefixes: `/creator`, `/www`, `/im`. The same stand under `/for/<account>/`:
there a phone that is logged in as that account lies beside the browser and confirms every login code by itself.

Adapter and demo share nothing but the platform's own facts: private messages are real protobuf, over HTTP and in frames
of the socket (plain, gzip, heartbeats), written by an encoder of the demo's own. Simplifications: no signatures, no
real media, twenty messages of each conversation at first. `/control/state` counts what browsers did (`done`: pages
opened, conversations marked read). Capital letters in docstrings of `wire` and `views` (A to M) name the platform's
endpoints that an answer stands for.
"""
