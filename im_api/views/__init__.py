"""One module per resource. A view parses, makes one call, responds."""
