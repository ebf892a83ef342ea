"""The demo platform: a local stand-in for the pages and answers of Douyin, crawled by the very same adapter.

    scenarios.py, generator.py, texts.py   make a world from a seed            (pure)
    world.py, ids.py                       what is true                        (pure)
    events.py, fans.py                     what happens next                   (pure, one loop)
    wire/                                  what is true, in the platform's JSON (pure)
    login.py, switches.py, site.py         sessions, faults, and one running site
    state.py                               the world on disk
    views/, app.py, server.py              HTTP and WebSocket
    pages/, static/                        what the browser shows

    browser --GET page, fetch, POST, WebSocket--> views --read--> wire <-- world <-- events <-- fans, phone, control

One process plays three origins, as path prefixes: `/creator`, `/www`, `/im`. The same stand under `/for/<account>/`:
there a phone that is logged in as that account lies beside the browser and confirms every login code by itself.

Adapter and demo share nothing but the platform's own facts. Simplifications: no signatures, no real media, and the
bodies of the IM answers are opaque (a protobuf shell around compressed JSON) because nobody outside reads them.
"""
