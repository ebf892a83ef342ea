"""What lies on disk of an account, as bytes.

log_row_body.py   a delta with a checksum: the body of a row of the change log, or of a checkpoint
image.py          a whole view: what is known, and the indexes, so that a start need not make them
"""
