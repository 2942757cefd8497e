"""The liveness checks, one file each: every check turns evidence into a `Check` with its figure."""
