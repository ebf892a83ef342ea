"""The one writer.

submit -> queue -> coalesce -> batch (validate, apply) -> one transaction -> publish and answer -> checkpoint

jobs.py           what waits for the writer, and its outcome
fair_queue.py     where jobs wait; workers share it
batch.py          jobs applied one after the other, in memory
writer.py         the thread, its queue, the transaction, conflicts; and what takes long, in slices
write_and_wait.py a person's change, from another thread
owner_changes.py  tells clients, and the core, of what the owner changed
"""
