"""The worker crawls the assigned accounts with the owners' own sessions and brings what it observed to the hub.

    worker.py          follows the hub's assignments: one crawl per account
    runner_hooks.py    passes on what the crawls find out, to the hub and to a person
    heartbeat.py       sends signs of life, account statuses and sessions to the hub
    progress.py        shows a person how it goes; qr_terminal.py draws a login code in half blocks
    errors.py          the typed errors; each says what to do next
    account/           one account at work: when to observe what, what is known of it
    browsers/          one Chromium per worker, one isolated context per account
    platforms/         one folder per platform: how a surface is observed (`base.py` is the interface)
    replies/           replies that people wrote at the hub: who may press, and how each ended
    uplink/            the connection to the hub, and what is on its way there

    page -> Adapter.observe -> SurfaceObservation -> AccountDataManager -> AccountSnapshot -> DataPusher -> Uplink
             ^                                                                                               |  ^
             |                                                                                               v  |
             AccountRunner <- Crawl <- CrawlWorker <------------- assign, revoke, logout -------------- hub (websocket)

Of the server's side it imports `sync.protocol` only. There is no module state.
"""
