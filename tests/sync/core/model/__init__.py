"""A naive model of an account: slow, obvious, written from the rules alone. The proof compares the core with it.

`account`: what is held, and what a snapshot does to it; `marks`, `operators`: what operators' marks do and how they
are set; `reading`: what people see of it; `picture`: one comparable value of a view and of the model; `strategies`:
random changes.
"""
