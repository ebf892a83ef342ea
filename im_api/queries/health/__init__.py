"""Says whether somebody must act for an account, and when it was observed."""
