"""Benchmarks: one JSON line a figure, peers in the same run."""
