"""Replies on their way: from the queue of an account to its worker, and what the worker says of them back.

    desk.py      moves replies on: by the time, by the pace, by workers' words
    requests.py  what a worker is asked, and what its words mean in the core's terms

What a reply is, what proves that it was sent and the pace are the core's (`sync.core.replies`). Every step is a change
through the Writer, so that whatever dies, the log knows how far a reply had come.
"""
