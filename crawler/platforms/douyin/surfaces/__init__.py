"""One module per surface: opens its page, waits for what it answers, says how much of it was seen."""
