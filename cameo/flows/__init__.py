"""What the service does: enrol, permit, render, release, revoke, verify.

Flows and `cameo.wiring` are the only places where the four cores meet. A flow opens its own
transactions and commits them itself; it knows no web framework and no environment.
"""
