"""The world in the platform's own JSON. Pure. Strings and numbers are mixed as the platform mixes them."""
