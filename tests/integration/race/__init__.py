"""Two connections, then many processes, that want the same people at the same time."""
