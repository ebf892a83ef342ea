"""Private messages as the platform's page loads and hears them: protobuf over HTTP and over a websocket. Pure.

im.proto          what is known of the wire, in our words; `im_pb2.py` is generated from it
envelope.py       responses and frames: who refused, what is none of ours, which command
news.py           one response or frame in our values, whatever it was
conversations.py  conversations of each list
messages.py       messages: their time, place, sender, what they answer; commands that are none
contents.py       what a message says, by its kind
sending.py        what became of a message that was sent
people.py         the cards of people, which come as JSON
inbox.py          the account's private messages, put together of all news: unread counts, recalls, gaps

bytes -> envelope -> news -> ImInbox -> ChatAssembler -> items
"""
