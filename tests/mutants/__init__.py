"""Seeded faults, and what must notice them: see `scripts/mutants.py`."""
