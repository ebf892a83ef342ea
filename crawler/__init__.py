"""The worker: crawls the assigned accounts with the owner's own session and brings what it saw to the hub.

    worker.py          follows the hub's assignments; one crawl per account
    crawl.py           one account at work: runner, data, regular sync
    account_runner.py  log in, look at each surface in turn; every error says what to do next
    schedule.py        when to look at which surface
    platforms/         one folder per platform: what a look is (`base.py` is the interface)
    browser.py         one Chromium per worker; session.py: one isolated context per account; chromium.py: which one
    data_manager.py    what was seen of an account; merge.py: attribute by attribute
    snapshot.py        what is on its way; how the unacknowledged goes into the next
    data_pusher.py     sent until acknowledged, one unanswered snapshot per account
    uplink.py          the link to the hub, for ever; connection.py: one websocket; backoff.py
    heartbeat.py       signs of life, statuses (status.py) and sessions for the hub
    progress.py        what a person sees; qr_terminal.py: a login code in half blocks
    demo/              a platform site of our own to crawl

    page -> Adapter.look -> Look -> AccountDataManager -> AccountSnapshot -> DataPusher -> Uplink ==websocket==> hub
             ^                                                                              |
             |  AccountRunner <- Crawl <- Worker <------- assign, revoke, logout -----------+

Of the server's side it imports `sync.protocol` only. There is no module state.
"""
