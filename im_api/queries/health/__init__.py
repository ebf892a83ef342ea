"""How an account does: whether somebody must act, and what of it was observed."""
