"""One assigned account at work.

crawl.py         the account's adapter, runner and regular sync, started and stopped together
runner.py        logs in and observes one surface after the other; every error says what to do next
needs.py         what it needs of others: browser contexts, who hears of it, limits of time
schedule.py      when to observe which surface (pure)
turn.py          looks and replies take turns
data_manager.py  what is known of the account, in the form in which the hub wants it
merge.py         one item's new observation over its older one, attribute by attribute (pure)
status.py        the status that the worker reports of each account

Schedule -> AccountRunner -> Adapter.observe -> AccountDataManager -> DataPusher (crawler/uplink)
"""
